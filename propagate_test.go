package scope_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

func TestGoInheritsScope(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	read := func(ctx context.Context) func() [2]string {
		return func() [2]string {
			got := make(chan [2]string, 1)
			scope.Go(ctx, func(ctx context.Context) {
				got <- [2]string{scope.Get(ctx, key), key.Get()}
			})
			return <-got
		}
	}
	set := scope.Set(t.Context(), key, "context's")
	assert.Equal(t, [2]string{"context's", "context's"}, read(set)(), "from an unbound goroutine")
	assert.Equal(t, [2]string{"default", "default"}, read(t.Context())(), "where there is none")
	inScope(t, scope.Set(t.Context(), key, "goroutine's"), func(ctx context.Context) {
		assert.Equal(t, [2]string{"context's", "context's"}, read(set)(), "the context decides")
		assert.Equal(t, [2]string{"goroutine's", "goroutine's"}, read(t.Context())(), "without a scope in it, the goroutine")
		assert.Equal(t, [2]string{"goroutine's", "goroutine's"}, read(ctx)())
		assert.Equal(t, [2]string{"goroutine's", "goroutine's"}, onGoroutine(goOf(ctx), read(t.Context())), "a grandchild")
	})
}

func TestPlainGoInheritsUnderLabels(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	inScope(t, scope.Set(t.Context(), key, "bound"), func(context.Context) {
		want := inherited("bound", "default")
		assert.Equal(t, want, onGoroutine(plainGo, key.Get))
		assert.Equal(t, want, onGoroutine(func(f func()) { plainGo(func() { plainGo(f) }) }, key.Get), "a grandchild")
		assert.Equal(t, want, onGoroutine(new(sync.WaitGroup).Go, key.Get))
	})
}

func TestAChildKeepsTheScopeItWasStartedIn(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	parents := scope.Set(t.Context(), key, "before")
	changed, got := make(chan struct{}), make(chan string)
	inScope(t, parents, func(ctx context.Context) {
		scope.Go(ctx, func(context.Context) {
			<-changed
			got <- key.Get()
		})
		inScope(t, scope.Set(ctx, key, "after"), func(context.Context) {
			close(changed)
			assert.Equal(t, "before", <-got)
		})
	})
}

func TestRunRestoresTheEarlierBinding(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	outer := scope.Set(t.Context(), key, "outer")
	inner := scope.Set(t.Context(), key, "inner")
	scope.Run(outer, func(context.Context) {
		scope.Run(inner, func(ctx context.Context) {
			assert.Equal(t, "inner", key.Get())
			assert.Equal(t, "inner", scope.Get(ctx, key), "its context carries the scope")
		})
		assert.Equal(t, "outer", key.Get(), "after a return")

		assert.PanicsWithValue(t, "oops", func() {
			scope.Run(inner, func(context.Context) { panic("oops") })
		}, "a panic is not swallowed")
		assert.Equal(t, "outer", key.Get(), "after a panic")
	})
	assert.Equal(t, "default", key.Get())

	got := make(chan string, 1)
	go func() {
		defer func() { got <- key.Get() }()
		scope.Run(inner, func(context.Context) { runtime.Goexit() })
	}()
	assert.Equal(t, "default", <-got, "after Goexit")
}

func TestRunWithoutAScopeInTheContextKeepsTheGoroutines(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	scope.Run(t.Context(), func(ctx context.Context) {
		assert.Equal(t, t.Context(), ctx, "there is none to add")
		assert.Equal(t, "default", key.Get())
	})
	inScope(t, scope.Set(t.Context(), key, "bound"), func(context.Context) {
		scope.Run(t.Context(), func(ctx context.Context) {
			assert.Equal(t, "bound", key.Get())
			unbound(func() { assert.Equal(t, "bound", scope.Get(ctx, key), "the context has it now") })
		})
	})
}

func TestWrapTakesTheScopeThatIsCurrentThen(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	var got []string
	add := func() { got = append(got, key.Get()) }
	var ofGoroutine, ofContext func()
	ofNone := scope.Wrap(t.Context(), add)
	inScope(t, scope.Set(t.Context(), key, "goroutine's"), func(context.Context) {
		ofGoroutine = scope.Wrap(t.Context(), add)
		ofContext = scope.Wrap(scope.Set(t.Context(), key, "context's"), add)
	})
	ofGoroutine()
	ofContext()
	ofContext()
	inScope(t, scope.Set(t.Context(), key, "caller's"), func(context.Context) {
		ofGoroutine()
		ofNone()
		add()
	})
	assert.Equal(t, []string{"goroutine's", "context's", "context's", "goroutine's", "default", "caller's"}, got)
}

func TestWrapMayBeCalledByManyAtOnce(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", -1)
	var wg sync.WaitGroup
	for i := range 50 {
		f := scope.Wrap(scope.Set(t.Context(), key, i), func() { assert.Equal(t, i, key.Get()) })
		for range 4 {
			wg.Go(f)
		}
	}
	wg.Wait()
}

func TestWrapBindsATimer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		key := scope.NewKey("key", "default")
		bare, wrapped := make(chan string, 1), make(chan string, 1)
		scope.Run(scope.Set(t.Context(), key, "bound"), func(ctx context.Context) {
			//scopevet:ignore that a timer has no scope is what is tested
			time.AfterFunc(time.Hour, func() { bare <- key.Get() })
			time.AfterFunc(time.Hour, scope.Wrap(ctx, func() { wrapped <- key.Get() }))
		})
		assert.Equal(t, "default", <-bare, "go.dev/issue/67708")
		assert.Equal(t, "bound", <-wrapped)
	})
}

func TestAttachBindsTheRestOfTheGoroutine(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	ctx := scope.Set(t.Context(), key, "attached")
	if !labels() {
		assert.PanicsWithValue(t, "scope: Attach can't work with the gls carrier: use scope.Run", func() { scope.Attach(ctx) })
		assert.Equal(t, "default", key.Get())
		return
	}
	detach := scope.Attach(ctx) //scopevet:ignore what this test is about
	assert.Equal(t, "attached", key.Get())
	detachInner := scope.Attach(scope.Set(t.Context(), key, "inner")) //scopevet:ignore what this test is about
	assert.Equal(t, "inner", key.Get())
	t.Run("a subtest", func(t *testing.T) { assert.Equal(t, "inner", key.Get()) })
	detachInner()
	assert.Equal(t, "attached", key.Get())
	detachNone := scope.Attach(scope.Detach(ctx)) //scopevet:ignore what this test is about
	assert.Equal(t, "default", key.Get())
	detachNone()
	assert.Equal(t, "attached", key.Get())
	detach()
	assert.Equal(t, "default", key.Get())
}

func TestCaptureMovesTheGoroutinesScopeIntoTheContext(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	assert.Equal(t, t.Context(), scope.Capture(t.Context()), "where there is none")
	inScope(t, scope.Set(t.Context(), key, "bound"), func(ctx context.Context) {
		assert.Equal(t, ctx, scope.Capture(ctx), "where it is in already")
		captured := scope.Capture(t.Context())
		unbound(func() {
			assert.Equal(t, "default", scope.Get(t.Context(), key))
			assert.Equal(t, "bound", scope.Get(captured, key))
			scope.Run(captured, func(context.Context) { assert.Equal(t, "bound", key.Get()) })
		})
		inScope(t, scope.Set(t.Context(), key, "another"), func(context.Context) {
			assert.Equal(t, "bound", scope.Get(captured, key))
		})
	})
}

func TestDetachHidesEveryScope(t *testing.T) {
	t.Parallel()
	key, other := scope.NewKey("key", "default"), scope.NewKey("other", 0)
	inScope(t, scope.Set(t.Context(), key, "bound"), func(ctx context.Context) {
		for name, ctx := range map[string]context.Context{"the context's": ctx, "the goroutine's": t.Context()} {
			ctx := scope.Detach(ctx)
			assert.Equal(t, "default", scope.Get(ctx, key), name)
			assert.Equal(t, ctx, scope.Capture(ctx), "an empty scope is a scope")
			scope.Run(ctx, func(ctx context.Context) {
				assert.Equal(t, "default", key.Get(), name)
				assert.Equal(t, "default", scope.Get(ctx, key), name)
				assert.Equal(t, "default", onGoroutine(plainGo, key.Get), name)
			})
			assert.Equal(t, "default", onGoroutine(goOf(ctx), key.Get), name)
			ctx = scope.Set(ctx, other, 1)
			assert.Equal(t, "default", scope.Get(ctx, key), "a scope made from it starts empty")
			assert.Equal(t, 1, scope.Get(ctx, other))
		}
		assert.Equal(t, "bound", key.Get())
	})
}

func TestDetachKeepsTheContextsOtherValues(t *testing.T) {
	t.Parallel()
	type other struct{}
	ctx, cancel := context.WithCancelCause(context.WithValue(scope.Set(t.Context(), scope.NewKey("key", 0), 1), other{}, 2))
	ctx = scope.Detach(ctx)
	assert.Equal(t, 2, ctx.Value(other{}))
	cancel(nil)
	require.ErrorIs(t, ctx.Err(), context.Canceled)
}

func plainGo(f func()) { go f() }

// goOf is scope.Go for an f that takes no context.
func goOf(ctx context.Context) func(f func()) {
	return func(f func()) { scope.Go(ctx, func(context.Context) { f() }) }
}
