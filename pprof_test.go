package scope_test

import (
	"context"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
)

// What runtime/pprof does to a binding, and a binding to the user's labels.
// Under the gls carrier labels mean nothing, and so they disturb nothing.

func TestPprofDoWithAScopesContextKeepsTheBinding(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	other := scope.Set(t.Context(), key, "another")
	inScope(t, scope.Set(t.Context(), key, "bound"), func(ctx context.Context) {
		for name, ctx := range map[string]context.Context{"its own": ctx, "another scope's": other, "an empty scope's": scope.Detach(ctx)} {
			pprof.Do(ctx, pprof.Labels("user", "1"), func(ctx context.Context) {
				assert.Equal(t, "bound", key.Get(), "during, with %s", name)
				assert.Equal(t, inherited("bound", "default"), onGoroutine(plainGo, key.Get))
				user, _ := pprof.Label(ctx, "user")
				assert.Equal(t, "1", user)
				pprof.Do(ctx, pprof.Labels("more", "2"), func(context.Context) {
					assert.Equal(t, "bound", key.Get(), "in another one, with %s", name)
				})
			})
			assert.Equal(t, "bound", key.Get(), "after, with %s", name)
			pprof.SetGoroutineLabels(ctx)
			assert.Equal(t, "bound", key.Get(), "after SetGoroutineLabels, with %s", name)
		}
	})
}

func TestPprofDoWithAnEmptyContextTakesTheBindingAway(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	want := "bound" // where labels carry nothing
	if labels() {
		want = "default"
	}
	inScope(t, scope.Set(t.Context(), key, "bound"), func(ctx context.Context) {
		pprof.Do(context.Background(), pprof.Labels("user", "1"), func(context.Context) { //scopevet:ignore what this test is about
			assert.Equal(t, want, key.Get(), "during")
			assert.Equal(t, "bound", scope.Get(ctx, key), "the context is not concerned")
		})
		assert.Equal(t, want, key.Get(), "after")
	})
}

// The context that pprof.Do makes has the caller's labels in it, and with them
// the caller's binding. Where Run or Go bind another scope, the context that
// they pass on must not bring that back.
func TestPprofDoUnderRunKeepsTheNearerBinding(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	check := func(ctx context.Context, want string) {
		assert.Equal(t, want, key.Get(), "before")
		pprof.Do(ctx, pprof.Labels("more", "2"), func(ctx context.Context) {
			assert.Equal(t, want, key.Get(), "during")
			assert.Equal(t, want, scope.Get(ctx, key))
			user, _ := pprof.Label(ctx, "user")
			assert.Equal(t, "1", user, "the user's labels stay")
		})
		assert.Equal(t, want, key.Get(), "after")
	}
	inScope(t, scope.Set(t.Context(), key, "outer"), func(ctx context.Context) {
		for want, ctx := range map[string]context.Context{
			"inner":   scope.Set(ctx, key, "inner"),
			"default": scope.Detach(ctx),
		} {
			pprof.Do(ctx, pprof.Labels("user", "1"), func(ctx context.Context) {
				scope.Run(ctx, func(ctx context.Context) { check(ctx, want) })
				done := make(chan struct{})
				scope.Go(ctx, func(ctx context.Context) {
					defer close(done)
					check(ctx, want)
				})
				<-done
			})
		}
	})
}

func TestUsersLabelsSurviveScopes(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	pprof.Do(t.Context(), pprof.Labels("before", "1", "scope", "mine"), func(ctx context.Context) {
		inScope(t, scope.Set(ctx, key, "bound"), func(ctx context.Context) {
			before, _ := pprof.Label(ctx, "before")
			assert.Equal(t, "1", before)
			pprof.Do(ctx, pprof.Labels("inside", "2"), func(ctx context.Context) {
				for _, name := range []string{"before", "inside"} {
					_, ok := pprof.Label(ctx, name)
					assert.True(t, ok, name)
				}
				assert.Equal(t, "bound", key.Get())
			})
		})
		mine, _ := pprof.Label(ctx, "scope")
		assert.Equal(t, "mine", mine)
	})
}

func TestAnUnboundGoroutineHasNoLabelOfOurs(t *testing.T) {
	t.Parallel()
	_, ok := pprof.Label(scope.Set(t.Context(), scope.NewKey("key", 0), 1), "scope")
	assert.False(t, ok)
}
