package scopetest_test

import (
	"context"
	"fmt"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"
)

// relabel does what package testing is about to do when a test starts
// (golang/go#75047), and what takes the goroutine's tag away. The key is not
// settled.
func relabel(t testing.TB, key string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(key, t.Name())))
}

var labelKeys = []string{"test", "test.name"}

func TestASubtestWhoseLabelsAreReplacedInherits(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("there are no labels to replace")
	}
	other := scope.NewKey("other", "default")
	for _, key := range labelKeys {
		t.Run(key, func(t *testing.T) {
			relabel(t, key)
			scopetest.Set(t, url, "parent's")
			for range 2 { // the second is #01
				t.Run("same/name", func(t *testing.T) {
					relabel(t, key)
					t.Parallel()
					assert.Equal(t, "parent's", url.Get(), "before it calls scopetest")
					t.Run("plain", func(t *testing.T) {
						relabel(t, key)
						assert.Equal(t, "parent's", url.Get())
						got := make(chan string)
						go func() { got <- url.Get() }()
						assert.Equal(t, "parent's", <-got)
					})
					scopetest.Set(t, other, t.Name())
					assert.Equal(t, "parent's", url.Get())
					assert.Equal(t, t.Name(), scope.Name(t.Context()))
					for i := range 3 {
						t.Run(fmt.Sprint(i), func(t *testing.T) {
							relabel(t, key)
							t.Parallel()
							assert.Equal(t, "parent's", scope.Get(scopetest.Context(t), url))
							assert.Contains(t, t.Name(), other.Get())
							scopetest.Set(t, url, t.Name())
							assert.Equal(t, t.Name(), url.Get())
						})
					}
				})
			}
			scopetest.Set(t, other, "set later")
			assert.Equal(t, "parent's", url.Get())
		})
		assert.Equal(t, "https://api.example.com", url.Get())
	}
}

// The name is enough, also where the goroutine has no label at all.
func TestASubtestInheritsByItsName(t *testing.T) {
	t.Parallel()
	inTest(t, "parent's", func() {
		t.Run("sub", func(t *testing.T) {
			if labels() {
				pprof.SetGoroutineLabels(context.Background())
				assert.Equal(t, "parent's", url.Get(), "its parent's goroutine started it")
			}
			t.Run("below", func(t *testing.T) {
				ctx := scopetest.Context(t)
				assert.Equal(t, "parent's", scope.Get(ctx, url))
				assert.Equal(t, t.Name(), scope.Name(ctx))
			})
		})
	})
}

func TestALabelNamesNoTestThatHasEnded(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("there are no labels")
	}
	done := make(chan string)
	var name string
	t.Run("short", func(t *testing.T) {
		name = t.Name()
		scopetest.Set(t, url, "mine")
	})
	go func() {
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("test", name)))
		done <- url.Get()
	}()
	assert.Equal(t, "https://api.example.com", <-done)
}

func TestADetachedGoroutineIsNoTests(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("there are no labels")
	}
	for _, key := range labelKeys {
		t.Run(key, func(t *testing.T) {
			relabel(t, key)
			scopetest.Set(t, url, "mine")
			relabel(t, key)
			assert.Equal(t, "mine", url.Get())
			got := make(chan string)
			detached := scope.Detach(t.Context())
			scope.Go(detached, func(context.Context) { got <- url.Get() })
			assert.Equal(t, "https://api.example.com", <-got)
			scope.Run(detached, func(context.Context) { assert.Equal(t, "https://api.example.com", url.Get()) })
			assert.Equal(t, "mine", url.Get())
			scopetest.Context(t) // binds anew
		})
	}
}

// The first call of a test may come after it has started what reads.
func TestGoroutinesFromBeforeTheFirstCallInherit(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("with gls, goroutines inherit by scope.Go alone")
	}
	for i := range 50 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			reader := func(start func(read func())) (read func() string) {
				ask, got := make(chan bool), make(chan string)
				start(func() {
					for range ask {
						got <- url.Get()
					}
				})
				t.Cleanup(func() { close(ask) })
				return func() string { ask <- true; return <-got }
			}
			ctx := t.Context()
			before := map[string]func() string{
				"go":       reader(func(read func()) { go read() }),
				"below":    reader(func(read func()) { go func() { go read(); <-ctx.Done() }() }),
				"scope.Go": reader(func(read func()) { scope.Go(ctx, func(context.Context) { read() }) }),
				"labelled": reader(func(read func()) { pprof.Do(ctx, pprof.Labels("user", "1"), func(context.Context) { go read() }) }),
			}
			detached := reader(func(read func()) { scope.Go(scope.Detach(ctx), func(context.Context) { read() }) })
			for round := range 3 {
				mine := fmt.Sprint("test ", i, " round ", round)
				scopetest.Set(t, url, mine)
				for how, read := range before {
					assert.Equal(t, mine, read(), how)
				}
				assert.Equal(t, "https://api.example.com", detached())
			}
		})
	}
}

// Any goroutine of a test may set, and is bound by it.
func TestAnyGoroutineMaySet(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("Set needs the labels carrier")
	}
	got := make(chan string)
	scope.Go(scope.Detach(t.Context()), func(context.Context) {
		before := url.Get()
		scopetest.Set(t, url, "set elsewhere")
		got <- before
		got <- url.Get()
		inner := scope.Set(scopetest.Context(t), url, "inner")
		scope.Run(inner, func(context.Context) {
			scopetest.Set(t, scope.NewKey("other", 0), 1)
			got <- url.Get() // the goroutine stays where it was bound
		})
	})
	assert.Equal(t, "https://api.example.com", <-got)
	assert.Equal(t, "set elsewhere", <-got)
	assert.Equal(t, "inner", <-got)
	assert.Equal(t, "set elsewhere", scope.Get(scopetest.Context(t), url))
	assert.Equal(t, "set elsewhere", url.Get(), "the test's own is bound by its first call")
}
