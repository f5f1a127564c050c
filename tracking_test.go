package scope_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// tracking tracks until the test ends, and returns what finds a live scope by
// its path: other tests have theirs at the same time.
func tracking(t *testing.T) (find func(path string) *engine.Listing) {
	t.Helper()
	t.Cleanup(engine.Track())
	return func(path string) *engine.Listing { return search(engine.Tracked(), path) }
}

func search(list []*engine.Listing, path string) *engine.Listing {
	for _, s := range list {
		if s.Path == path {
			return s
		}
		if s = search(s.Below, path); s != nil {
			return s
		}
	}
	return nil
}

// texts returns bindings as key=value in scope at place.
func texts(s *engine.Listing) (list []string) {
	for _, b := range s.Bindings() {
		list = append(list, fmt.Sprintf("%s=%s in %q", b.Key, b.Value, b.Scope))
	}
	return list
}

func TestLiveScopesAreATree(t *testing.T) {
	t.Parallel()
	find := tracking(t)
	name := t.Name()
	ctx, end := scope.New(t.Context(), name)
	child, endChild := scope.New(ctx, "child")
	_, endGrandchild := scope.New(child, "grand/child")
	_, endSecond := scope.New(ctx, "second")

	top := find(name)
	require.NotNil(t, top)
	assert.False(t, top.Since.IsZero())
	require.Len(t, top.Below, 2)
	assert.Equal(t, "child", top.Below[0].Name)
	assert.Equal(t, "second", top.Below[1].Name, "in the order in which they were made")
	require.Len(t, top.Below[0].Below, 1)
	assert.Equal(t, "grand/child", top.Below[0].Below[0].Name)

	endGrandchild()
	assert.Nil(t, find(name+"/child/grand/child"))
	endSecond()
	end()
	assert.Nil(t, find(name))
	assert.Nil(t, find(name+"/child"), "it ended with the one around it")
	endChild()
}

func TestAScopeFromBeforeShowsWhereOneIsBelow(t *testing.T) {
	// Serial: nobody else tracks.
	ctx, end := scope.New(t.Context(), t.Name())
	defer end()
	find := tracking(t)
	assert.Nil(t, find(t.Name()))
	_, endChild := scope.New(ctx, "child")
	defer endChild()
	top := find(t.Name())
	require.NotNil(t, top)
	assert.True(t, top.Since.IsZero())
	assert.Empty(t, top.Bindings())
	assert.Len(t, top.Below, 1)
}

func TestNothingIsTrackedUnlessAsked(t *testing.T) {
	// Serial: nobody else tracks.
	before := engine.Asked()
	stop, again := engine.Track(), engine.Track()
	ctx, end := scope.New(t.Context(), t.Name())
	defer end()
	stop()
	stop()
	assert.NotEmpty(t, engine.Tracked(), "the other one goes on")
	again()
	assert.Empty(t, engine.Tracked())
	_, endChild := scope.New(ctx, "child")
	defer endChild()
	assert.Empty(t, engine.Tracked())
	assert.Equal(t, before, engine.Asked())
}

func TestTheNewestScopeInUseSaysWhatIsBound(t *testing.T) {
	t.Parallel()
	find := tracking(t)
	name := t.Name()
	n, other := scope.NewKey("n", 0), scope.NewKey("other", "")
	ctx, end := scope.New(scope.Set(t.Context(), other, "outer"), name)
	defer end()
	assert.Equal(t, []string{`other="outer" in ""`}, texts(find(name)))

	first := scope.Set(ctx, n, 1)
	second := scope.Set(first, n, 2)
	assert.Equal(t, []string{`n=2 in "` + name + `"`, `other="outer" in ""`}, texts(find(name)))
	scope.Run(first, func(context.Context) {})
	assert.Equal(t, []string{`n=1 in "` + name + `"`, `other="outer" in ""`}, texts(find(name)), "the one bound last")
	assert.Equal(t, 2, scope.Get(second, n))

	large := first
	for i := range 64 {
		large = scope.Set(large, scope.NewKey(fmt.Sprintf("key%02d", i), 0), i)
	}
	got := texts(find(name))
	require.Len(t, got, 66)
	assert.Equal(t, `key63=63 in "`+name+`"`, got[63])
	assert.Equal(t, 1, scope.Get(large, n))
}

func TestTrackingKeepsNothingAlive(t *testing.T) {
	t.Parallel()
	find := tracking(t)
	key := scope.NewKey[*[1024]byte]("key", nil)
	ctx, end := scope.New(t.Context(), t.Name())
	derived := func() <-chan struct{} {
		value, done := watched()
		scope.Run(scope.Set(ctx, key, value), func(context.Context) {})
		return done
	}()
	assert.True(t, collects(derived), "a scope that nobody uses any more")
	assert.NotNil(t, find(t.Name()))

	abandoned := func() <-chan struct{} {
		value, done := watched()
		scope.New(scope.Set(ctx, key, value), "never ended") //scopevet:ignore abandoned, as the variable says
		return done
	}()
	assert.True(t, collects(abandoned))
	end()
}

func TestRequestsAreNotedForTheNearestWhoAsked(t *testing.T) {
	// Serial: nobody else tracks.
	ctx, end := scope.New(t.Context(), "outer")
	defer end()
	inner, endInner := scope.New(ctx, "inner")
	defer endInner()
	r := engine.Request{Method: "GET", Scheme: "https", Host: "a.test", Path: "/", To: "b"}
	engine.Routed(inner, r)
	assert.Zero(t, engine.Requests(ctx).Total, "nobody asked")

	stop := engine.Watch(ctx)
	defer stop()
	engine.Routed(inner, r)
	engine.Routed(scope.Set(ctx, scope.NewKey("n", 0), 1), r)
	other := r
	other.Method = "PUT"
	engine.Routed(ctx, other)
	engine.Routed(ctx, r)
	got := engine.Requests(ctx)
	assert.Equal(t, engine.Requested{Total: 4, Last: []engine.Repeated{{Request: other, Count: 1}, {Request: r, Count: 3}}}, got)
	assert.Zero(t, engine.Requests(t.Context()))

	for i := range 100 {
		r.Path = fmt.Sprint("/", i)
		engine.Routed(ctx, r)
	}
	got = engine.Requests(ctx)
	assert.Equal(t, 104, got.Total)
	assert.Len(t, got.Last, 8)
	assert.Equal(t, "GET https://a.test/99 → b", got.Last[7].String())
	r.Path, r.To = "/"+strings.Repeat("x", 1000), ""
	assert.Less(t, len(r.String()), 250)
	assert.NotContains(t, r.String(), "→")
}

func TestHiddenAndCollectedKeysSayNothingTwice(t *testing.T) {
	t.Parallel()
	find := tracking(t)
	all := scope.NewKey("all", "", scope.Redacted())
	part := scope.NewKey("part", "", scope.Redacted())
	engine.Collect(part, all, func(a, v string, _ bool) string { return a + v })
	hidden := scope.NewKey("hidden", 0)
	engine.Hide(hidden)
	ctx, end := scope.New(t.Context(), t.Name())
	defer end()
	ctx = scope.With(ctx, part.Bind(canary), hidden.Bind(1))
	assert.Equal(t, []string{`part=‹redacted› in "` + t.Name() + `"`}, texts(find(t.Name())))
	assert.Equal(t, canary, scope.Get(ctx, all))
}

func TestAGlanceLooksIntoNothingThatMayChange(t *testing.T) {
	t.Parallel()
	type secret struct{ token string }
	type named string
	for _, c := range []struct {
		value any
		want  string
	}{
		{nil, "<nil>"},
		{"a\n\"b\"", `"a\n\"b\""`},
		{named("a\n\x1bb"), `a\n\x1bb`},
		{1.5, "1.5"},
		{true, "true"},
		{hidden{canary}, hidden{canary}.String()},
		{fmt.Errorf("failed"), "failed"},
		{secret{canary}, "scope_test.secret"},
		{&secret{canary}, "*scope_test.secret"},
		{[]string{canary}, "[]string"},
		{map[string]string{"": canary}, "map[string]string"},
		{func() string { return canary }, "func() string"},
		{new(strings.Builder), "*strings.Builder"},
		{(*secret)(nil), "*scope_test.secret"},
	} {
		b := scope.NewKey[any]("key", nil).Bind(c.value)
		assert.Equal(t, c.want, engine.Describe(&b).Value)
	}
	assert.Zero(t, engine.Describe(new(scope.Binding)))
	b := scope.NewKey("key", "", scope.Redacted()).Bind(canary)
	assert.Equal(t, "‹redacted›", engine.Describe(&b).Value)
}

// Serial: allocations are counted process-wide.
func TestWhatNobodyAskedForAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	key := scope.NewKey[*int]("key", nil)
	ctx, end := scope.New(scope.Detach(t.Context()), "job")
	defer end()
	made := func() { _, end := scope.New(ctx, "request"); end() }
	set := func() { scope.Set(ctx, key, nil) }
	made()
	// What they allocated before there was anything to ask for.
	assert.LessOrEqual(t, testing.AllocsPerRun(100, made), 6.0)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, set), 1.0)
}

func TestTrackingWhileScopesComeAndGo(t *testing.T) {
	t.Parallel()
	stop := engine.Track()
	defer stop()
	key := scope.NewKey("n", 0)
	ctx, end := scope.New(t.Context(), t.Name())
	defer end()
	var workers sync.WaitGroup
	for i := range 50 {
		workers.Go(func() {
			for range 20 {
				inner, end := scope.New(ctx, "request")
				inner = scope.Set(inner, key, i)
				scope.Run(scope.Set(ctx, key, i), func(context.Context) {})
				engine.Routed(inner, engine.Request{Path: fmt.Sprint(i)})
				end()
			}
		})
	}
	workers.Go(func() {
		for range 20 {
			engine.Track()()
			for _, s := range engine.Tracked() {
				for _, s := range append(s.Below, s) {
					s.Bindings()
					s.Requests()
				}
			}
		}
	})
	workers.Wait()
}
