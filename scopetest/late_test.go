package scopetest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"
)

// A goroutine that outlives its test must not get a scope that nothing ends.
func TestACallAfterTheEndOfATestBindsNothing(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("late", "default")
	for range 2 {
		var over *testing.T
		t.Run("short", func(t *testing.T) {
			over = t
			scopetest.Context(t)
		})
		done := make(chan struct{})
		go func() {
			defer close(done)
			ctx := scopetest.With(over, key.Bind("too late"))
			assert.ErrorIs(t, scope.Err(ctx), scope.ErrEnded)
			assert.Equal(t, "default", scope.Get(ctx, key))
			if labels() {
				scopetest.Set(over, key, "too late")
				assert.Equal(t, "default", key.Get())
				assert.ErrorIs(t, scope.Err(context.Background()), scope.ErrEnded, "the goroutine is bound too")
			}
		}()
		<-done
	}
	scopetest.Context(t)
	assert.NoError(t, scope.Err(scopetest.Context(t)), "this test is not over")
}

// The scope has ended when an earlier cleanup runs, but the test is not over.
func TestACleanupFromBeforeTheScopeHasANewOne(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("cleanup", "default")
	var ctx context.Context
	t.Run("sub", func(t *testing.T) {
		t.Cleanup(func() {
			ctx = scopetest.With(t, key.Bind("cleanup's"))
			assert.Equal(t, "cleanup's", scope.Get(ctx, key))
		})
		scopetest.With(t, key.Bind("test's"))
	})
	assert.ErrorIs(t, scope.Err(ctx), scope.ErrEnded, "and it ends")
}

// The scope has ended when an earlier cleanup runs. The cleanup must not pass for code in no scope, or it would reach
// the real API.
func TestACleanupFromBeforeTheScopeIsInTheEndedScope(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("with this carrier a test's goroutine is in no scope all the time")
	}
	key := scope.NewKey("cleanup", "default")
	short := func(want string) {
		ran := false
		t.Run("short", func(t *testing.T) {
			t.Cleanup(func() {
				ran = true
				assert.Equal(t, want, key.Get())
				assert.ErrorIs(t, scope.Err(context.Background()), scope.ErrEnded)
				scope.Run(scope.Detach(context.Background()), func(ctx context.Context) {
					assert.NoError(t, scope.Err(ctx))
				})
			})
			scopetest.Set(t, key, "test's")
			t.Cleanup(func() { assert.Equal(t, "test's", key.Get()) })
		})
		assert.True(t, ran)
		assert.NoError(t, scope.Err(context.Background()), "the test around it goes on")
	}
	short("default")
	scopetest.Set(t, key, "outer")
	short("outer")
	assert.Equal(t, "outer", key.Get())
}
