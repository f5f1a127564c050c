package scope_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// What scopes hold on to, and what they let go of.

// A goroutine that nobody stops, such as an idle connection's, carries the
// scope's label until it ends. It must not carry what the scope held.
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

// carry runs f on a goroutine that holds ctx's scope by its binding alone.
func carry(ctx context.Context, f func()) {
	if labels() {
		scope.Run(ctx, func(context.Context) { go f() })
		return
	}
	scope.Go(ctx, func(context.Context) { f() })
}

// A goroutine keeps the scope that it carries, not the contexts around it.
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

// What was bound around a scope is not held by one made after the end.
func TestAScopeMadeAfterTheEndHoldsNothingOfTheEndedOne(t *testing.T) {
	t.Parallel()
	key := scope.NewKey[*[1024]byte]("key", nil)
	child, collected := func() (context.Context, <-chan struct{}) {
		value, done := watched()
		ctx, end := scope.New(t.Context(), "job")
		ctx = scope.Set(ctx, key, value)
		end()
		// With the context's values out of the way, the lifetime's are left.
		ctx, _ = scope.New(ctx, "late")
		var late context.Context
		scope.Run(ctx, func(context.Context) { late = scope.Capture(t.Context()) })
		return late, done
	}()
	assert.True(t, collects(collected))
	assert.ErrorIs(t, scope.Err(child), scope.ErrEnded)
}
