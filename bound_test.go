package scope_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// Helpers for several test files: goroutines that are bound to a scope, and goroutines
// that are not.

// labels reports whether a plain go statement inherits in this build.
func labels() bool { return scope.Carrier() == "labels" }

// inherited returns the value that a goroutine started by a plain go statement reads. Its
// parent reads bound, and def is the default.
func inherited[T any](bound, def T) T {
	if labels() {
		return bound
	}
	return def
}

// onGoroutine returns the result of f, which start runs on some goroutine.
func onGoroutine[T any](start func(func()), f func() T) T {
	got := make(chan T, 1)
	start(func() { got <- f() })
	return <-got
}

// unbound calls f on a goroutine that is bound to no scope.
func unbound(f func()) {
	done := make(chan struct{})
	scope.Go(scope.Detach(context.Background()), func(context.Context) {
		defer close(done)
		f()
	})
	<-done
}

// inScope calls f with this goroutine bound to the scope of ctx. It fails the test if the
// goroutine has another scope afterwards than before.
func inScope(t *testing.T, ctx context.Context, f func(ctx context.Context)) {
	t.Helper()
	before := scope.Name(t.Context())
	scope.Run(ctx, f)
	require.Equal(t, before, scope.Name(t.Context()), "the binding after Run")
}

// collects makes garbage collections until done is closed.
func collects(done <-chan struct{}) bool {
	for start := time.Now(); time.Since(start) < 30*time.Second; runtime.Gosched() {
		runtime.GC()
		select {
		case <-done:
			return true
		default:
		}
	}
	return false
}

// watched returns a value, and a channel that is closed when it is collected.
func watched() (*[1024]byte, <-chan struct{}) {
	v, collected := new([1024]byte), make(chan struct{})
	runtime.AddCleanup(v, func(struct{}) { close(collected) }, struct{}{})
	return v, collected
}

func TestTheBuildHasACarrier(t *testing.T) {
	t.Parallel()
	assert.Contains(t, []string{"labels", "gls"}, scope.Carrier())
}
