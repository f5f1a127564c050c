package scopetest_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
	"github.com/scopetree/scope/scopetest"
)

var url = scope.NewKey("api.url", "https://api.example.com")

// labels says whether a test's goroutine can be bound from inside.
func labels() bool { return scope.Carrier() == "labels" }

// inTest calls f in a scope of the test's own where url is v: as Set has it,
// and where Set can't be, with New and scope.Run.
func inTest(t testing.TB, v string, f func()) {
	if labels() {
		scopetest.Set(t, url, v)
		f()
		return
	}
	scope.Run(scopetest.With(t, url.Bind(v)), func(context.Context) { f() })
}

// elsewhere returns what read says on a goroutine that the caller starts.
func elsewhere(read func() string) string {
	got := make(chan string)
	if labels() {
		go func() { got <- read() }()
	} else {
		scope.Go(context.Background(), func(context.Context) { got <- read() })
	}
	return <-got
}

func TestParallelTestsNeverSeeEachOthers(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			own := fmt.Sprint("http://127.0.0.1:", i)
			inTest(t, own, func() {
				for range 20 {
					runtime.Gosched()
					assert.Equal(t, own, url.Get())
					assert.Equal(t, own, scope.Get(t.Context(), url))
					assert.Equal(t, own, elsewhere(url.Get))
				}
			})
		})
	}
}

func TestSubtestsInherit(t *testing.T) {
	t.Parallel()
	inTest(t, "parent's", func() {
		want := "parent's"
		if !labels() {
			want = "https://api.example.com" // there the context must be passed on
		}
		t.Run("serial", func(t *testing.T) { assert.Equal(t, want, url.Get()) })
		t.Run("serial, with its own", func(t *testing.T) {
			inTest(t, "child's", func() { assert.Equal(t, "child's", url.Get()) })
		})
		t.Run("parallel", func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, want, url.Get())
			assert.Equal(t, "parent's", scope.Get(scopetest.Context(t), url), "also where the goroutine inherits nothing")
			inTest(t, "child's", func() { assert.Equal(t, "child's", url.Get()) })
		})
		assert.Equal(t, "parent's", url.Get())
	})
}

func TestWithBindsAndReturnsTheTestsScope(t *testing.T) {
	t.Parallel()
	other := scope.NewKey("other", 0)
	ctx := scopetest.With(t, url.Bind("first"), other.Bind(1))
	assert.Equal(t, "first", scope.Get(ctx, url))
	assert.Equal(t, 1, scope.Get(ctx, other))
	assert.Equal(t, t.Name(), scope.Name(ctx))
	again := scopetest.With(t, url.Bind("second"))
	assert.Equal(t, "second", scope.Get(again, url))
	assert.Equal(t, 1, scope.Get(again, other), "over what the test was given before")
	assert.Equal(t, "second", scope.Get(ctx, url), "a context that was returned before is live")
	if labels() {
		assert.Equal(t, "second", url.Get())
	} else {
		assert.Equal(t, "https://api.example.com", url.Get(), "gls can't bind a goroutine from inside")
	}
	type key struct{}
	assert.Nil(t, ctx.Value(key{}))
	assert.NoError(t, ctx.Err())
	t.Cleanup(func() { assert.ErrorIs(t, ctx.Err(), context.Canceled, "it is derived from t.Context") })
}

func TestSetAfterSetIsOneScope(t *testing.T) {
	t.Parallel()
	if !labels() {
		f := run(t, func(f *fake) { scopetest.Set(f, url, "x") })
		assert.Contains(t, f.failure, `scopetest: Set("api.url") can't bind the test's goroutine with the gls carrier`)
		assert.Contains(t, f.failure, "scope.Run")
		return
	}
	all := scope.NewKey[[]string]("all", nil)
	one := scope.NewKey("one", "")
	engine.Collect(one, all, func(a []string, v string, fresh bool) []string {
		if fresh {
			a = append([]string(nil), a...)
			v = "| " + v
		}
		return append(a, v)
	})
	scopetest.Set(t, one, "a")
	scopetest.Set(t, one, "b")
	scopetest.Set(t, url, "mine")
	assert.Equal(t, []string{"| a", "b"}, all.Get(), "neither is nearer than the other")
	assert.Equal(t, "b", one.Get())
	scopetest.Set(t, one, "c")
	assert.Equal(t, []string{"| a", "b", "c"}, all.Get())
	assert.Equal(t, "mine", url.Get())
	t.Run("a subtest's scope", func(t *testing.T) {
		scopetest.Set(t, one, "d")
		assert.Equal(t, []string{"| a", "b", "c", "| d"}, all.Get())
	})
	assert.Equal(t, []string{"| a", "b", "c"}, all.Get())
}

func TestNamesFollowTheTests(t *testing.T) {
	t.Parallel()
	inTest(t, "parent's", func() {
		assert.Equal(t, t.Name(), scope.Name(t.Context()))
		t.Run("card", func(t *testing.T) {
			inTest(t, "child's", func() { assert.Equal(t, t.Name(), scope.Name(t.Context()), "once, not twice") })
			t.Run("deep", func(t *testing.T) {
				t.Run("deeper", func(t *testing.T) {
					assert.Equal(t, t.Name(), scope.Name(scopetest.Context(t)))
				})
			})
		})
	})
}

func TestExplainSaysWhereSetWasCalled(t *testing.T) {
	t.Parallel()
	const want = `api.url = "mine", bound in scope "TestExplainSaysWhereSetWasCalled" at scopetest_test.go:`
	_, _, line, _ := runtime.Caller(0)
	ctx := scopetest.With(t, url.Bind("mine"))
	assert.Contains(t, scope.Explain(ctx, url), fmt.Sprint(want, line+1, ";"))
	if labels() {
		scopetest.Set(t, scope.NewKey("other", 0), 1)
		assert.Contains(t, scope.Explain(t.Context(), url), fmt.Sprint(want, line+1, ";"), "a later Set does not move it")
		scopetest.Set(t, url, "mine")
		assert.Contains(t, scope.Explain(t.Context(), url), fmt.Sprint(want, line+6, ";"))
	}
}

func TestValuesAreReadableInCleanups(t *testing.T) {
	t.Parallel()
	var late, early string
	f := run(t, func(f *fake) {
		f.Cleanup(func() { late = url.Get() })
		ctx := scopetest.With(f, url.Bind("mine"))
		f.Cleanup(func() {
			early = url.Get()
			assert.Equal(t, "mine", scope.Get(ctx, url))
			assert.NoError(t, scope.Err(ctx))
		})
	})
	assert.Empty(t, f.logs)
	assert.Equal(t, "https://api.example.com", late, "one registered before, as with t.Setenv")
	if labels() {
		assert.Equal(t, "mine", early)
	}
}

func TestAGoroutineThatOutlivesItsTestReadsDefaults(t *testing.T) {
	t.Parallel()
	over, got := make(chan struct{}), make(chan string)
	var ctx context.Context
	t.Run("short", func(t *testing.T) {
		ctx = scopetest.With(t, url.Bind("mine"))
		scope.Run(ctx, func(context.Context) {
			outlive := func() {
				got <- url.Get()
				<-over
				got <- url.Get()
				got <- fmt.Sprint(scope.Err(context.Background()))
			}
			if labels() {
				go outlive()
			} else {
				scope.Go(ctx, func(context.Context) { outlive() })
			}
			require.Equal(t, "mine", <-got)
		})
	})
	close(over)
	assert.Equal(t, "https://api.example.com", <-got)
	assert.Equal(t, `scope "TestAGoroutineThatOutlivesItsTestReadsDefaults/short" has ended`, <-got)
	assert.ErrorIs(t, scope.Err(ctx), scope.ErrEnded)
	assert.Equal(t, "https://api.example.com", scope.Get(ctx, url))
}

func TestATestIsUnboundWhenItEnds(t *testing.T) {
	t.Parallel()
	f := &fake{TB: t}
	scopetest.With(f, url.Bind("first"))
	scopetest.With(f, url.Bind("second"))
	for _, c := range f.cleanups {
		c()
	}
	assert.Equal(t, "https://api.example.com", url.Get())
	assert.Equal(t, "", scope.Name(t.Context()))
	assert.Len(t, f.cleanups, 1, "one for the test")
}

// What replaces the goroutine's labels does not take the test's scope away.
func TestABindingOutlivesTheGoroutinesLabels(t *testing.T) {
	t.Parallel()
	lose := func(ctx context.Context) func(*fake) {
		return func(f *fake) {
			test := scopetest.With(f, url.Bind("mine"))
			if ctx == nil {
				ctx = test
			}
			pprof.Do(ctx, pprof.Labels("user", "1"), func(context.Context) {
				if labels() {
					assert.Equal(t, "mine", url.Get())
					got := make(chan string)
					go func() { got <- url.Get() }()
					assert.Equal(t, "mine", <-got)
				}
			})
		}
	}
	for _, f := range []*fake{
		run(t, lose(context.Background())),
		run(t, lose(nil)),
		run(t, func(f *fake) {
			scopetest.With(f, url.Bind("mine"))
			pprof.SetGoroutineLabels(context.Background())
			if labels() {
				assert.Equal(t, "mine", url.Get())
			}
		}),
		run(t, func(f *fake) { scopetest.Context(f) }),
	} {
		assert.Empty(t, f.logs)
	}
	assert.Equal(t, "https://api.example.com", url.Get())
}

func TestAnAttachThatIsLeftIsLogged(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("Attach needs the labels carrier")
	}
	f := run(t, func(f *fake) {
		other, end := scope.New(scope.Detach(scopetest.Context(f)), "other")
		f.Cleanup(end)
		scope.Attach(other) //scopevet:ignore the leak is what this test is about
	})
	require.Len(t, f.logs, 1)
	assert.Contains(t, f.logs[0], "scope.Attach was not detached")
	assert.Empty(t, f.failure, "it is no failure")
}

func TestABindingThatComesBackIsNotLogged(t *testing.T) {
	t.Parallel()
	f := run(t, func(f *fake) {
		ctx := scopetest.With(f, url.Bind("mine"))
		scope.Run(scope.Set(ctx, url, "nearer"), func(context.Context) {})
		scope.Run(scope.Detach(ctx), func(context.Context) {})
		if labels() {
			scope.Attach(scope.Detach(ctx))() //scopevet:ignore the leak is what this test is about
			pprof.SetGoroutineLabels(context.Background())
			scopetest.Set(f, url, "mine") // binds anew
		}
	})
	assert.Empty(t, f.logs)
}

func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	token := scope.NewKey("token", "", scope.Redacted())
	ctx := scopetest.With(t, token.Bind("c4nary"))
	for _, s := range []string{scope.Explain(ctx, token), fmt.Sprintf("%v %+v %#v", ctx, ctx, ctx)} {
		assert.False(t, strings.Contains(s, "c4nary"), s)
	}
	assert.Equal(t, "c4nary", scope.Get(ctx, token))
}

// A subtest that binds something is a scope with an end of its own.
func TestASubtestThatBindsHasResourcesOfItsOwn(t *testing.T) {
	t.Parallel()
	made := 0
	resource := scope.NewResource(func() int { made++; return made }, nil)
	outer := scopetest.Context(t)
	assert.Equal(t, 1, resource.Get(outer))
	scope.Run(outer, func(ctx context.Context) {
		t.Run("plain", func(t *testing.T) { assert.Equal(t, 1, resource.Get(ctx)) })
		t.Run("binds", func(t *testing.T) { assert.Equal(t, 2, resource.Get(scopetest.Context(t))) })
	})
}
