package scope_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// pools returns a resource whose things are counted up from 1, and a function that
// returns those that were closed.
func pools() (r *scope.Resource[int], closed func() []int) {
	var mu sync.Mutex // guards both
	var opened int
	var gone []int
	r = scope.NewResource(func() int {
		mu.Lock()
		defer mu.Unlock()
		opened++
		return opened
	}, func(n int) {
		mu.Lock()
		defer mu.Unlock()
		gone = append(gone, n)
	})
	return r, func() []int {
		mu.Lock()
		defer mu.Unlock()
		return gone
	}
}

func TestAResourceIsOnePerLifetime(t *testing.T) {
	t.Parallel()
	r, closed := pools()
	a, endA := scope.New(t.Context(), "a")
	b, endB := scope.New(t.Context(), "b")
	assert.Equal(t, 1, r.Get(a))
	assert.Equal(t, 2, r.Get(b))
	assert.Equal(t, 1, r.Get(a))
	assert.Equal(t, 1, r.Get(scope.Set(a, scope.NewKey("key", 0), 1)), "a scope without a lifetime of its own")
	inScope(t, a, func(context.Context) { assert.Equal(t, 1, r.Get(t.Context()), "the goroutine's") })
	assert.Equal(t, 3, r.Get(t.Context()), "the process's")
	assert.Equal(t, 3, r.Get(scope.Detach(a)))
	assert.Empty(t, closed())
	endA()
	assert.Equal(t, []int{1}, closed())
	endA()
	assert.Equal(t, []int{1}, closed(), "closed once")
	endB()
	assert.Equal(t, []int{1, 2}, closed())
	assert.Equal(t, 3, r.Get(a), "after the end, the process's: it is never closed")
}

func TestAResourceIsNotOpenedToBeClosed(t *testing.T) {
	t.Parallel()
	r, closed := pools()
	_, end := scope.New(t.Context(), "a")
	end()
	assert.Empty(t, closed())
	assert.Equal(t, 1, r.Get(t.Context()), "the first one opened")
}

func TestAResourceOfAnEndedScopeIsTheNearestLiveOnes(t *testing.T) {
	t.Parallel()
	r, closed := pools()
	outer, endOuter := scope.New(t.Context(), "outer")
	inner, endInner := scope.New(outer, "inner")
	assert.Equal(t, 1, r.Get(inner))
	assert.Equal(t, 2, r.Get(outer), "each has its own")
	endInner()
	assert.Equal(t, 2, r.Get(inner))
	endOuter()
	assert.Equal(t, []int{1, 2}, closed())
}

func TestResourcesAreClosedInReverseOrder(t *testing.T) {
	t.Parallel()
	var order []string
	resource := func(name string) *scope.Resource[string] {
		return scope.NewResource(func() string { return name }, func(s string) { order = append(order, s) })
	}
	outer, end := scope.New(t.Context(), "outer")
	inner, endInner := scope.New(outer, "inner")
	defer endInner()
	for _, name := range []string{"first", "second", "third"} {
		resource(name).Get(outer)
		resource("inner's " + name).Get(inner)
	}
	scope.NewResource(func() int { return 0 }, nil).Get(outer) // nothing to close
	end()
	assert.Equal(t, []string{"inner's third", "inner's second", "inner's first", "third", "second", "first"}, order)
}

func TestAResourceIsOpenedOnceByMany(t *testing.T) {
	t.Parallel()
	r, closed := pools()
	ctx, end := scope.New(t.Context(), "a")
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { assert.Equal(t, 1, r.Get(ctx)) })
	}
	wg.Wait()
	end()
	assert.Equal(t, []int{1}, closed())
}

func TestAResourceIsNeverLeftOpenByARaceWithTheEnd(t *testing.T) {
	t.Parallel()
	for range 200 {
		var mu sync.Mutex
		open := 0
		r := scope.NewResource(
			func() int { mu.Lock(); defer mu.Unlock(); open++; return 0 },
			func(int) { mu.Lock(); defer mu.Unlock(); open-- },
		)
		r.Get(t.Context()) // the process's stays open
		ctx, end := scope.New(t.Context(), "a")
		var wg sync.WaitGroup
		wg.Go(end)
		wg.Go(func() { r.Get(ctx) })
		wg.Wait()
		assert.Equal(t, 1, open)
	}
}

func TestAFailingCloseLeavesNothingElseOpen(t *testing.T) {
	t.Parallel()
	for how, fail := range map[string]func(){"panic": func() { panic("oops") }, "Goexit": runtime.Goexit} {
		key := scope.NewKey("key", "default")
		r, closed := pools()
		failing := scope.NewResource(func() int { return 0 }, func(int) { fail() })
		outer, end := scope.New(t.Context(), "outer")
		r.Get(outer)
		failing.Get(outer)
		for i := range 2 {
			inner, _ := scope.New(outer, fmt.Sprint(i))
			r.Get(inner)
			failing.Get(inner)
		}
		carried := make(chan string)
		stop := make(chan struct{})
		scope.Go(scope.Set(outer, key, "held"), func(context.Context) {
			<-stop
			carried <- key.Get()
		})
		recovered := make(chan any)
		go func() {
			defer func() { recovered <- recover() }()
			end()
		}()
		got := <-recovered
		if how == "panic" {
			assert.Equal(t, "oops", got, "it is not swallowed")
		}
		assert.ElementsMatch(t, []int{1, 2, 3}, closed(), how)
		close(stop)
		assert.Equal(t, "default", <-carried, how)
	}
}

func TestAResourceThatFailedToOpenIsNotClosed(t *testing.T) {
	t.Parallel()
	r := scope.NewResource(func() int { panic("no room") }, func(int) { assert.Fail(t, "closed") })
	ctx, end := scope.New(t.Context(), "a")
	require.PanicsWithValue(t, "no room", func() { r.Get(ctx) })
	assert.PanicsWithValue(t, "no room", func() { r.Get(ctx) }, "and it is not tried again")
	assert.NotPanics(t, end, "its caller has been told")
}

func TestAResourceWhoseOpenExitsIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	r := scope.NewResource(func() int { runtime.Goexit(); return 0 }, func(int) { assert.Fail(t, "closed") })
	ctx, end := scope.New(t.Context(), "a")
	exited := make(chan bool)
	go func() {
		returned := false
		defer func() { exited <- !returned && recover() == nil }()
		r.Get(ctx)
		returned = true
	}()
	assert.True(t, <-exited, "as with t.FailNow")
	assert.PanicsWithValue(t, "scope: the open function of this Resource exited its goroutine before", func() { r.Get(ctx) })
	end()
}

// open reads the scope of the first caller's context, whatever scope the goroutine has.
func TestAResourceIsOpenedInTheScopeOfTheContext(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	r := scope.NewResource(func() string { return key.Get() }, nil)
	ctx, end := scope.New(t.Context(), "a")
	defer end()
	inScope(t, scope.Set(t.Context(), key, "goroutine's"), func(context.Context) {
		assert.Equal(t, "context's", r.Get(scope.Set(ctx, key, "context's")))
		assert.Equal(t, "goroutine's", key.Get(), "as before")
	})
	assert.Equal(t, "context's", r.Get(ctx), "the same thing")
	inScope(t, scope.Set(t.Context(), key, "leaked"), func(ctx context.Context) {
		assert.Equal(t, "default", r.Get(ctx), "the process's belongs to no scope")
	})
}

// The parent's end closes what a child opened, even if nothing refers to the child any
// more.
func TestAnAbandonedScopesResourceIsClosedWithItsParent(t *testing.T) {
	t.Parallel()
	r, closed := pools()
	outer, end := scope.New(t.Context(), "outer")
	func() {
		middle, _ := scope.New(outer, "middle")
		inner, _ := scope.New(middle, "inner")
		r.Get(inner)
	}()
	for range 5 {
		runtime.GC()
	}
	end()
	assert.Equal(t, []int{1}, closed())
}

// As deferred calls would: what an open function uses lasts until after its close.
func TestAResourceIsClosedBeforeThoseThatItsOpenUsed(t *testing.T) {
	t.Parallel()
	var order []string
	pool := scope.NewResource(func() string { return "pool" }, func(s string) { order = append(order, s) })
	ctx, end := scope.New(t.Context(), "nested")
	client := scope.NewResource(func() string { return "client of the " + pool.Get(ctx) }, func(s string) { order = append(order, s) })
	assert.Equal(t, "client of the pool", client.Get(ctx))
	end()
	assert.Equal(t, []string{"client of the pool", "pool"}, order)
}
