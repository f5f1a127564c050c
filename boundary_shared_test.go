package scope_test

import (
	"context"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
)

// The documentation says so: a label named "scope" that pprof.Do sets takes the
// binding away, during and after. The context keeps its scope.
func TestUserLabelNamedScopeTakesTheBindingAway(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	scope.Run(scope.Set(t.Context(), key, "bound"), func(ctx context.Context) {
		want := "bound"
		if scope.Carrier() == "labels" {
			want = "default"
		}
		pprof.Do(ctx, pprof.Labels("scope", "mine"), func(ctx context.Context) {
			assert.Equal(t, want, key.Get())
			assert.Equal(t, "bound", scope.Get(ctx, key))
		})
		assert.Equal(t, want, key.Get())
	})
}

// A worker that one scope's code starts, and that outlives it, belongs to that
// scope for good, unless it is started detached.
func TestSharedWorkerBelongsToWhoStartsIt(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	for name, c := range map[string]struct {
		start   func(context.Context, func(context.Context))
		running string // while the scope lives, with labels
		ended   bool
	}{
		"plain go": {func(ctx context.Context, f func(context.Context)) { go f(context.Background()) }, "bound", true},
		"detached": {func(ctx context.Context, f func(context.Context)) { scope.Go(scope.Detach(ctx), f) }, "default", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, end := scope.New(scope.Set(t.Context(), key, "outer"), "first")
			ctx = scope.Set(ctx, key, "bound")
			ask, jobs := make(chan string), make(chan struct{})
			defer close(jobs)
			scope.Run(ctx, func(ctx context.Context) {
				c.start(ctx, func(ctx context.Context) {
					for range jobs {
						text := key.Get()
						if scope.Err(ctx) != nil {
							text += ", ended"
						}
						ask <- text
					}
				})
			})
			answer := func() string { jobs <- struct{}{}; return <-ask }

			labels := scope.Carrier() == "labels"
			want := "default"
			if labels {
				want = c.running
			}
			assert.Equal(t, want, answer())
			end()
			want = "default"
			if labels && c.ended {
				want = "outer, ended"
			}
			assert.Equal(t, want, answer())
		})
	}
}

// A context of pprof.WithLabels has the binding of the goroutine that made it
// among its labels, and takes it along to another goroutine's pprof.Do.
func TestContextOfPprofTakesItsBindingAlong(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	var made context.Context
	scope.Run(scope.Set(t.Context(), key, "first"), func(ctx context.Context) {
		made = pprof.WithLabels(ctx, pprof.Labels("user", "1"))
	})
	want := "second"
	if scope.Carrier() == "labels" {
		want = "first"
	}
	scope.Run(scope.Set(t.Context(), key, "second"), func(context.Context) {
		pprof.Do(made, pprof.Labels("job", "2"), func(context.Context) { assert.Equal(t, want, key.Get()) })
	})
}
