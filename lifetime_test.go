package scope_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

func TestNewKeepsWhatIsBound(t *testing.T) {
	t.Parallel()
	a, b := scope.NewKey("a", 0), scope.NewKey("b", 0)
	ctx, end := scope.New(scope.Set(t.Context(), a, 1), "job")
	ctx = scope.Set(ctx, b, 2)
	assert.Equal(t, 1, scope.Get(ctx, a))
	assert.Equal(t, 2, scope.Get(ctx, b))
	assert.NoError(t, scope.Err(ctx))
	end()
	assert.NoError(t, ctx.Err(), "the context is not cancelled")
}

func TestNewStartsFromTheGoroutinesScope(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	inScope(t, scope.Set(t.Context(), key, "bound"), func(context.Context) {
		ctx, end := scope.New(t.Context(), "job")
		unbound(func() { assert.Equal(t, "bound", scope.Get(ctx, key)) })
		end()
		assert.Equal(t, "bound", scope.Get(ctx, key), "what is around it is alive")
	})
}

func TestNamesAreAPath(t *testing.T) {
	t.Parallel()
	outer, endOuter := scope.New(t.Context(), "outer")
	defer endOuter()
	inner, endInner := scope.New(scope.Set(outer, scope.NewKey("key", 0), 1), "inner")
	defer endInner()
	nameless, endNameless := scope.New(inner, "")
	defer endNameless()
	assert.Equal(t, "", scope.Name(t.Context()))
	assert.Equal(t, "", scope.Name(scope.Set(t.Context(), scope.NewKey("key", 0), 1)))
	assert.Equal(t, "outer", scope.Name(outer))
	assert.Equal(t, "outer/inner", scope.Name(inner))
	assert.Equal(t, "outer/inner/unnamed", scope.Name(nameless))
	assert.Equal(t, "", scope.Name(scope.Detach(inner)))
	inScope(t, inner, func(context.Context) { assert.Equal(t, "outer/inner", scope.Name(t.Context())) })
}

func TestAnEndedScopeIsAbsentNeverStale(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	ctx, end := scope.New(t.Context(), "job")
	ctx = scope.Set(ctx, key, "job's")
	check := func(want string, wantOK bool, how string) {
		t.Helper()
		got, ok := scope.Lookup(ctx, key)
		assert.Equal(t, wantOK, ok, how)
		assert.Equal(t, want, scope.Get(ctx, key), how)
		if ok {
			assert.Equal(t, want, got, how)
		}
		scope.Run(ctx, func(ctx context.Context) {
			assert.Equal(t, want, key.Get(), "%s, by the goroutine", how)
			assert.Equal(t, want, scope.Get(ctx, key), how)
		})
		assert.Equal(t, want, onGoroutine(goOf(ctx), key.Get), "%s, by a new goroutine", how)
	}
	check("job's", true, "alive")
	inScope(t, ctx, func(context.Context) {
		end()
		assert.Equal(t, "default", key.Get(), "a goroutine that was bound before the end")
		assert.Equal(t, "default", onGoroutine(plainGo, key.Get))
		assert.ErrorIs(t, scope.Err(t.Context()), scope.ErrEnded)
	})
	check("default", false, "ended")
	inScope(t, scope.Set(t.Context(), key, "another's"), func(context.Context) {
		check("default", false, "ended, and never the caller's goroutine's")
	})
}

func TestAnEndedScopeAnswersAsItsNearestLiveAncestor(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	root := scope.Set(t.Context(), key, "root's")
	a, endA := scope.New(root, "a")
	a = scope.Set(a, key, "a's")
	b, endB := scope.New(a, "b")
	b = scope.Set(b, key, "b's")
	c, endC := scope.New(b, "c")
	c = scope.Set(c, key, "c's")

	endC()
	assert.Equal(t, "b's", scope.Get(c, key))
	endB()
	assert.Equal(t, "a's", scope.Get(c, key))
	assert.Equal(t, "a's", scope.Get(b, key))
	endA()
	assert.Equal(t, "root's", scope.Get(c, key))
	assert.Equal(t, "root's", scope.Get(a, key))
}

// An ancestor has the bindings that it had when the scope was made in it.
func TestAnHeirIsTheScopeThatNewWasCalledIn(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	outer, endOuter := scope.New(t.Context(), "outer")
	defer endOuter()
	ctx, end := scope.New(scope.Set(outer, key, "then"), "inner")
	_ = scope.Set(outer, key, "later")
	end()
	assert.Equal(t, "then", scope.Get(ctx, key))
}

func TestErrSaysWhichScopeHasEnded(t *testing.T) {
	t.Parallel()
	outer, endOuter := scope.New(t.Context(), "TestCheckout")
	ctx, end := scope.New(outer, `ca"rd`)
	assert.NoError(t, scope.Err(ctx))
	assert.NoError(t, scope.Err(t.Context()), "no scope at all")
	end()
	require.ErrorIs(t, scope.Err(ctx), scope.ErrEnded)
	require.EqualError(t, scope.Err(ctx), `scope "TestCheckout/ca\"rd" has ended`)
	assert.NoError(t, scope.Err(outer))
	assert.NoError(t, scope.Err(scope.Detach(ctx)))
	endOuter()
	assert.EqualError(t, scope.Err(outer), `scope "TestCheckout" has ended`)
	assert.EqualError(t, scope.Err(ctx), `scope "TestCheckout/ca\"rd" has ended`)
}

func TestChildrenEndWithTheirParent(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	outer, end := scope.New(t.Context(), "outer")
	child, endChild := scope.New(scope.Set(outer, key, "outer's"), "child")
	grandchild, endGrandchild := scope.New(scope.Set(child, key, "child's"), "grandchild")
	scope.Run(grandchild, func(context.Context) {
		end()
		for _, ctx := range []context.Context{outer, child, grandchild, t.Context()} {
			assert.ErrorIs(t, scope.Err(ctx), scope.ErrEnded)
			assert.Equal(t, "default", scope.Get(ctx, key))
		}
		assert.Equal(t, "default", key.Get())
	})
	endGrandchild()
	endChild()
}

func TestAScopeUnderAnEndedOneHasEnded(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	around := scope.Set(t.Context(), key, "around")
	outer, end := scope.New(around, "outer")
	end()

	set := scope.Set(outer, key, "set")
	assert.Equal(t, "around", scope.Get(set, key), "nothing can be bound in it")
	assert.ErrorIs(t, scope.Err(set), scope.ErrEnded)

	child, endChild := scope.New(set, "child")
	defer endChild()
	child = scope.Set(child, key, "child's")
	assert.Equal(t, "around", scope.Get(child, key))
	assert.EqualError(t, scope.Err(child), `scope "outer/child" has ended`)
	scope.Run(child, func(context.Context) { assert.Equal(t, "around", key.Get()) })

	fresh := scope.Set(scope.Detach(outer), key, "fresh")
	assert.Equal(t, "fresh", scope.Get(fresh, key), "Detach leaves it")
	assert.NoError(t, scope.Err(fresh))
}

func TestCaptureOfAnEndedScopeHasEnded(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	ctx, end := scope.New(t.Context(), "job")
	scope.Run(scope.Set(ctx, key, "job's"), func(context.Context) {
		before := scope.Capture(t.Context())
		end()
		for _, ctx := range []context.Context{before, scope.Capture(t.Context())} {
			assert.Equal(t, "default", scope.Get(ctx, key))
			assert.ErrorIs(t, scope.Err(ctx), scope.ErrEnded)
		}
	})
}

func TestEndIsIdempotentAndMayRunBesideEverything(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	for range 50 {
		closed := make(chan string, 10)
		resource := scope.NewResource(func() string { return "it" }, func(s string) { closed <- s })
		outer, end := scope.New(t.Context(), "outer")
		outer = scope.Set(outer, key, "outer's")
		resource.Get(outer)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(end)
			wg.Go(func() {
				ctx, end := scope.New(outer, fmt.Sprint(i))
				ctx = scope.Set(ctx, key, "inner's")
				scope.Run(ctx, func(context.Context) {
					assert.Contains(t, []string{"inner's", "outer's", "default"}, key.Get())
				})
				wg.Go(end)
				wg.Go(func() {
					assert.Contains(t, []string{"inner's", "outer's", "default"}, scope.Get(ctx, key))
					_ = scope.Err(ctx)
				})
			})
		}
		wg.Wait()
		end()
		assert.Len(t, closed, 1, "closed once")
		assert.Equal(t, "default", scope.Get(outer, key))
		ctx, end := scope.New(outer, "late")
		assert.ErrorIs(t, scope.Err(ctx), scope.ErrEnded)
		end()
	}
}
