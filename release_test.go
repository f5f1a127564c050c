package scope_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// These tests are about memory: what scopes keep alive, and what they release.

// A goroutine that is never stopped, such as an idle connection's, has the scope's label
// until it ends. It must not keep alive the values of the scope.
func TestWhatAnEndedScopeHeldIsCollectedWhileAGoroutineCarriesIt(t *testing.T) {
	t.Parallel()
	for name, below := range map[string]func(context.Context) context.Context{
		"itself":           func(ctx context.Context) context.Context { return ctx },
		"a scope below it": func(ctx context.Context) context.Context { ctx, _ = scope.New(ctx, "child"); return ctx },
		"one that ended before": func(ctx context.Context) context.Context {
			ctx, end := scope.New(ctx, "child")
			scope.Run(ctx, func(context.Context) {}) // so that it has a tag
			end()
			return ctx
		},
		"one two below": func(ctx context.Context) context.Context {
			ctx, end := scope.New(ctx, "child")
			ctx, _ = scope.New(ctx, "grandchild")
			defer end()
			return ctx
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := scope.NewKey[*[1024]byte]("key", nil)
			var collected <-chan struct{}
			stop := make(chan struct{})
			stopped := make(chan bool)
			end := func() func() {
				value, done := watched()
				collected = done
				ctx, end := scope.New(t.Context(), "job")
				carry(below(scope.Set(ctx, key, value)), func() {
					<-stop
					stopped <- key.Get() == nil
				})
				return end
			}()
			if name == "itself" {
				select {
				case <-collected:
					require.Fail(t, "collected while the scope is alive")
				default:
				}
			}
			end()
			assert.True(t, collects(collected), "the value is held after the scope's end")
			close(stop)
			assert.True(t, <-stopped)
		})
	}
}

// carry runs f on a goroutine that has the scope of ctx only by its binding.
func carry(ctx context.Context, f func()) {
	if labels() {
		scope.Run(ctx, func(context.Context) { go f() })
		return
	}
	scope.Go(ctx, func(context.Context) { f() })
}

// A goroutine keeps its scope alive, but not the contexts around the scope.
func TestAGoroutineDoesNotKeepTheContextOfItsScope(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("without labels a goroutine gets its scope from Go, and with it the context")
	}
	type other struct{}
	key := scope.NewKey("key", "default")
	stop, stopped := make(chan struct{}), make(chan string)
	collected := func() <-chan struct{} {
		value, done := watched()
		carry(scope.Set(context.WithValue(t.Context(), other{}, value), key, "bound"), func() {
			<-stop
			stopped <- key.Get()
		})
		return done
	}()
	assert.True(t, collects(collected), "a goroutine's label keeps a context")
	close(stop)
	assert.Equal(t, "bound", <-stopped)
}

// A scope that is made after the end does not keep alive the values that were bound
// around it.
func TestAScopeMadeAfterTheEndHoldsNothingOfTheEndedOne(t *testing.T) {
	t.Parallel()
	key := scope.NewKey[*[1024]byte]("key", nil)
	child, collected := func() (context.Context, <-chan struct{}) {
		value, done := watched()
		ctx, end := scope.New(t.Context(), "job")
		ctx = scope.Set(ctx, key, value)
		end()
		// The context's values don't count here. The lifetime's are left.
		ctx, _ = scope.New(ctx, "late")
		var late context.Context
		scope.Run(ctx, func(context.Context) { late = scope.Capture(t.Context()) })
		return late, done
	}()
	assert.True(t, collects(collected))
	assert.ErrorIs(t, scope.Err(child), scope.ErrEnded)
}
