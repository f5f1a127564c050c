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

// A test's goroutines are the test's in any order: those that it started before its first call here, too. None of them
// may pass for code in no scope when the test is over, or it would reach the real API.
func TestWhatOutlivesItsTestIsInAnEndedScope(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("with this carrier such a goroutine is in no scope all the time")
	}
	key := scope.NewKey("outlives", "default")
	over, done := make(chan struct{}), make(chan struct{})
	assertEnded := func(t *testing.T) {
		assert.Equal(t, "default", key.Get())
		assert.ErrorIs(t, scope.Err(context.Background()), scope.ErrEnded)
		scope.Run(scope.Detach(context.Background()), func(ctx context.Context) { assert.NoError(t, scope.Err(ctx)) })
	}
	t.Run("short", func(sub *testing.T) {
		sub.Cleanup(func() { assertEnded(sub) })
		go func() {
			defer close(done)
			<-over
			assertEnded(t)
		}()
		scopetest.Set(sub, key, "test's")
		sub.Cleanup(func() { assert.Equal(sub, "test's", key.Get()) })
	})
	close(over)
	<-done
	assert.NoError(t, scope.Err(context.Background()), "the test around it goes on")
	scopetest.Set(t, key, "outer")
	assert.Equal(t, "outer", key.Get())
}
