package scope_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// live returns the context of a live scope, as package scopetest makes one for a test,
// and the function that binds in it.
func live(t testing.TB, ctx context.Context, name string) (context.Context, func(b ...scope.Binding)) {
	t.Helper()
	made, bind, end := engine.NewLive(ctx, name, t.Name()+"/"+name)
	t.Cleanup(end)
	return made, func(b ...scope.Binding) { bind(engine.BindingsOf(b)) }
}

func TestALiveScopeShowsWhatIsBoundLater(t *testing.T) {
	t.Parallel()
	key, other := scope.NewKey("key", "default"), scope.NewKey("other", "default")
	ctx, bind := live(t, t.Context(), "test")
	derived := scope.Set(ctx, other, "derived's")
	job, end := scope.New(derived, "job")
	defer end()
	ask, read, wrappedRead := make(chan bool), make(chan string), make(chan string)
	scope.Go(derived, func(context.Context) { // from before
		for range ask {
			read <- key.Get()
		}
	})
	defer close(ask)
	wrapped := scope.Wrap(job, func() { wrappedRead <- key.Get() })

	for _, want := range []string{"first", "second"} {
		bind(key.Bind(want), other.Bind("test's"))
		assert.Equal(t, want, scope.Get(ctx, key))
		assert.Equal(t, want, scope.Get(derived, key))
		assert.Equal(t, want, scope.Get(job, key))
		assert.Equal(t, want, scope.Get(scope.Capture(context.WithoutCancel(derived)), key))
		assert.Equal(t, "test's", scope.Get(ctx, other))
		assert.Equal(t, "derived's", scope.Get(derived, other), "shadowed")
		assert.Equal(t, "derived's", scope.Get(job, other), "shadowed further out")
		ask <- true
		assert.Equal(t, want, <-read)
		go wrapped()
		assert.Equal(t, want, <-wrappedRead)
		assert.Equal(t, "default", scope.Get(scope.Detach(derived), key))
	}
	v, ok := scope.Lookup(derived, key)
	assert.True(t, ok)
	assert.Equal(t, "second", v)
}

func TestALiveScopeStandsInAnother(t *testing.T) {
	t.Parallel()
	key, other := scope.NewKey("key", "default"), scope.NewKey("other", "default")
	ctx, bind := live(t, t.Context(), "test")
	between := scope.Set(ctx, other, "between")
	sub, bindSub := live(t, between, "sub")
	deep, bindDeep := live(t, sub, "deep")

	bind(key.Bind("test's"), other.Bind("test's"))
	assert.Equal(t, "test's", scope.Get(deep, key))
	assert.Equal(t, "between", scope.Get(deep, other))
	bindSub(key.Bind("sub's"), other.Bind("sub's"))
	assert.Equal(t, "sub's", scope.Get(deep, key))
	assert.Equal(t, "sub's", scope.Get(deep, other))
	assert.Equal(t, "test's", scope.Get(between, key), "a sibling sees nothing of it")
	bind(key.Bind("test's again"))
	assert.Equal(t, "sub's", scope.Get(deep, key))
	bindDeep(key.Bind("deep's"))
	assert.Equal(t, "deep's", scope.Get(deep, key))
	assert.Equal(t, "test/sub/deep", scope.Name(deep))
}

func TestCollectedValuesAreLive(t *testing.T) {
	t.Parallel()
	one, all := collecting()
	outer := scope.Set(t.Context(), one, "around")
	ctx, bind := live(t, outer, "test")
	derived := scope.With(scope.Set(ctx, one, "a"), one.Bind("b"), one.Bind("c"))
	sub, bindSub := live(t, derived, "sub")
	around := []string{"around"}
	assert.Equal(t, [][]string{{"b", "c"}, {"a"}, around}, scope.Get(sub, all))

	bind(one.Bind("t"))
	bind(one.Bind("u"))
	assert.Equal(t, [][]string{{"t", "u"}, around}, scope.Get(ctx, all), "all that a test is given is one scope")
	assert.Equal(t, [][]string{{"b", "c"}, {"a"}, {"t", "u"}, around}, scope.Get(derived, all))
	bindSub(one.Bind("s"))
	bind(one.Bind("v"))
	want := [][]string{{"s"}, {"b", "c"}, {"a"}, {"t", "u", "v"}, around}
	assert.Equal(t, want, scope.Get(sub, all))
	assert.Equal(t, want, scope.Get(sub, all), "and once more, from what was kept")
	assert.Equal(t, [][]string{around}, scope.Get(outer, all))
	assert.Equal(t, [][]string{{"x"}}, scope.Get(scope.Set(scope.Detach(sub), one, "x"), all))
}

// A derived scope of the size that has a table.
func TestALargeDerivedScopeIsLive(t *testing.T) {
	t.Parallel()
	one, all := collecting()
	key := scope.NewKey("key", "default")
	ctx, bind := live(t, t.Context(), "test")
	derived := ctx
	for i := range 50 {
		derived = scope.With(derived, scope.NewKey(fmt.Sprint(i), 0).Bind(i), one.Bind(fmt.Sprint(i)))
		bind(scope.NewKey(fmt.Sprint(i), 0).Bind(i))
	}
	bind(key.Bind("test's"), one.Bind("t"))
	assert.Equal(t, "test's", scope.Get(derived, key))
	got := scope.Get(derived, all)
	assert.Len(t, got, 51)
	assert.Equal(t, []string{"t"}, got[50])
}

func TestALiveScopeEndsAsOthersDo(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	value, done := watched()
	secret := scope.NewKey[any]("held", nil)
	outer, endOuter := scope.New(scope.Set(t.Context(), key, "around"), "outer")
	defer endOuter()
	ctx, bind, end := engine.NewLive(outer, "test", t.Name())
	derived := scope.Set(ctx, scope.NewKey("other", 0), 1)
	bind(engine.BindingsOf([]scope.Binding{key.Bind("test's"), secret.Bind(value)}))
	value = nil
	assert.Equal(t, "test's", scope.Get(derived, key))
	end()
	bind(engine.BindingsOf([]scope.Binding{key.Bind("too late")}))
	for _, ended := range []context.Context{ctx, derived} {
		assert.Equal(t, "around", scope.Get(ended, key))
		assert.ErrorIs(t, scope.Err(ended), scope.ErrEnded)
	}
	assert.True(t, collects(done), "what was bound is let go of")
	runtime.KeepAlive(derived)
}

func TestBindingWhileOthersRead(t *testing.T) {
	t.Parallel()
	one, all := collecting()
	n := scope.NewKey("n", 0)
	ctx, bind := live(t, t.Context(), "test")
	derived := scope.Set(ctx, one, "derived")
	const rounds = 200
	var over atomic.Bool
	var readers sync.WaitGroup
	for range 100 {
		readers.Go(func() {
			last := 0
			for !over.Load() {
				got, lists := scope.Get(derived, n), scope.Get(derived, all)
				assert.GreaterOrEqual(t, got, last, "never back to an older one")
				assert.LessOrEqual(t, got, rounds)
				if len(lists) == 2 {
					assert.GreaterOrEqual(t, len(lists[1]), got, "bound together, and never later")
				}
				last = got
				runtime.Gosched()
			}
		})
	}
	for i := range rounds {
		bind(one.Bind("t"))
		bind(n.Bind(i + 1))
	}
	over.Store(true)
	readers.Wait()
	assert.Len(t, scope.Get(derived, all)[1], rounds)
}

func TestExplainKnowsTheLineInATest(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	ctx, _ := live(t, t.Context(), "test")
	_, _, line, _ := runtime.Caller(0)
	derived := scope.Set(ctx, key, "mine")
	with := scope.With(derived, key.Bind("mine"))
	assert.Contains(t, scope.Explain(derived, key), fmt.Sprintf(`bound in scope "test" at live_test.go:%d;`, line+1))
	assert.Contains(t, scope.Explain(with, key), fmt.Sprintf(`bound in scope "test" at live_test.go:%d;`, line+2))
	outside := scope.Explain(scope.Set(scope.Detach(ctx), key, "x"), key)
	assert.False(t, strings.Contains(outside, ".go:"), outside)
}

// Outside of tests no scope is live, and reads search no further.
func TestScopesOutsideOfTestsAreSnapshots(t *testing.T) {
	t.Parallel()
	one, all := collecting()
	ctx := scope.Set(t.Context(), one, "a")
	derived := scope.Set(ctx, one, "b")
	first := scope.Get(derived, all)
	second := scope.Get(derived, all)
	assert.Same(t, &first[0], &second[0], "made when it was bound, and not at the read")
}
