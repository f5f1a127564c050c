//go:build gc && !scope_portable

package carrier_test

import (
	"context"
	"runtime/pprof"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/internal/carrier"
)

func TestLabelsAreInheritedByWhateverStartsAGoroutine(t *testing.T) {
	t.Parallel()
	c := labels(t)
	a := tag("a")
	run(c, a, func() {
		for how, start := range map[string]func(f func()){
			"go":           func(f func()) { go f() },
			"go in a go":   func(f func()) { go func() { go f() }() },
			"WaitGroup.Go": func(f func()) { new(sync.WaitGroup).Go(f) },
			"sync.Once":    func(f func()) { new(sync.Once).Do(func() { go f() }) },
		} {
			assert.Same(t, a, inGoroutine(c, start), how)
		}
		t.Run("t.Run", func(t *testing.T) { assert.Same(t, a, c.Current()) })
	})
}

func TestLabelsAttachAndDetach(t *testing.T) {
	t.Parallel()
	c := labels(t)
	outer, inner := tag("outer"), tag("inner")
	detachOuter := attach(t, c, outer)
	detachInner := attach(t, c, inner)
	assert.Same(t, inner, c.Current())
	detachInner()
	assert.Same(t, outer, c.Current())
	detachOuter()
	assert.Nil(t, c.Current())
	assert.Empty(t, carrier.GoroutineLabels())
}

func TestLabelsAttachOfNilUnbinds(t *testing.T) {
	t.Parallel()
	c := labels(t)
	a := tag("a")
	run(c, a, func() {
		detach := attach(t, c, nil)
		assert.Nil(t, c.Current())
		assert.Empty(t, carrier.GoroutineLabels())
		detach()
		assert.Same(t, a, c.Current())
	})
}

func TestLabelsDetachKeepsLabelsThatChangedSince(t *testing.T) {
	t.Parallel()
	c := labels(t)
	outer := tag("outer")
	run(c, outer, func() {
		detach := attach(t, c, tag("inner"))
		pprof.SetGoroutineLabels(user(t, "user", "1"))
		assert.Nil(t, c.Current(), "labels of a context without a scope take the binding away")
		detach()
		assert.Same(t, outer, c.Current(), "the earlier binding is back")
		assert.Equal(t, []string{"scope=outer", "user=1"}, carrier.GoroutineLabels(), "the user's stay")
	})

	detach := attach(t, c, tag("inner"))
	pprof.SetGoroutineLabels(user(t, "user", "1"))
	detach()
	assert.Equal(t, []string{"user=1"}, carrier.GoroutineLabels())
	pprof.SetGoroutineLabels(context.Background())
}

func TestLabelsOfTheUserStay(t *testing.T) {
	t.Parallel()
	c := labels(t)
	pprof.Do(t.Context(), pprof.Labels("a", "1", "z", "2"), func(ctx context.Context) {
		run(c, tag("x"), func() {
			assert.Equal(t, []string{"a=1", "scope=x", "z=2"}, carrier.GoroutineLabels(), "sorted, as runtime/pprof has them")
			run(c, tag("y"), func() {
				assert.Equal(t, []string{"a=1", "scope=y", "z=2"}, carrier.GoroutineLabels())
			})
			run(c, nil, func() {
				assert.Equal(t, []string{"a=1", "z=2"}, carrier.GoroutineLabels(), "no tag, no label")
			})
			pprof.Do(knowing(ctx, c), pprof.Labels("m", "3"), func(context.Context) {
				assert.Equal(t, []string{"a=1", "m=3", "scope=x", "z=2"}, carrier.GoroutineLabels())
			})
		})
		assert.Equal(t, []string{"a=1", "z=2"}, carrier.GoroutineLabels())
	})
	assert.Empty(t, carrier.GoroutineLabels())
}

func TestLabelsKeepOrderAmongNeighbours(t *testing.T) {
	t.Parallel()
	c := labels(t)
	for _, key := range []string{"", "a", "scop", "scope!", "scopes", "ß"} {
		pprof.Do(t.Context(), pprof.Labels(key, "1"), func(context.Context) {
			run(c, tag("x"), func() {
				want := []string{key + "=1", "scope=x"}
				if key > carrier.LabelKey {
					want = []string{"scope=x", key + "=1"}
				}
				assert.Equal(t, want, carrier.GoroutineLabels(), "with the key %q", key)
			})
		})
	}
}

func TestLabelOfTheUserNamedScopeReturns(t *testing.T) {
	t.Parallel()
	c := labels(t)
	pprof.Do(t.Context(), pprof.Labels("scope", "mine", "z", "2"), func(context.Context) {
		assert.Nil(t, c.Current(), "it is no tag")
		run(c, tag("x"), func() {
			assert.Equal(t, []string{"scope=x", "z=2"}, carrier.GoroutineLabels())
		})
		assert.Equal(t, []string{"scope=mine", "z=2"}, carrier.GoroutineLabels(), "after Run")

		detach := attach(t, c, tag("x"))
		assert.Equal(t, []string{"scope=x", "z=2"}, carrier.GoroutineLabels())
		detach()
		assert.Equal(t, []string{"scope=mine", "z=2"}, carrier.GoroutineLabels(), "after detach")
		run(c, nil, func() {
			assert.Equal(t, []string{"scope=mine", "z=2"}, carrier.GoroutineLabels(), "with no tag bound")
		})
	})
}

func TestLabelsSurvivePprofDo(t *testing.T) {
	t.Parallel()
	c := labels(t)
	a := tag("a")
	run(c, a, func() {
		ctx := knowing(t.Context(), c)
		pprof.Do(ctx, pprof.Labels("user", "1"), func(ctx context.Context) {
			assert.Same(t, a, c.Current(), "during")
			assert.Same(t, a, inGoroutine(c, func(f func()) { go f() }), "in a goroutine started within")
			pprof.Do(ctx, pprof.Labels("user", "2"), func(context.Context) {
				assert.Same(t, a, c.Current(), "in another one within")
			})
		})
		assert.Same(t, a, c.Current(), "after")
		pprof.SetGoroutineLabels(ctx)
		assert.Same(t, a, c.Current(), "after SetGoroutineLabels")
	})
	assert.Nil(t, c.Current())
}

func TestLabelsAnswerForTheirOwnKeyAlone(t *testing.T) {
	t.Parallel()
	c := labels(t)
	run(c, tag("a"), func() {
		for _, key := range []any{nil, "scope", struct{}{}, []int{1}} {
			_, ok := c.Labels(t.Context(), key)
			assert.False(t, ok, "%#v", key)
		}
	})
}

func TestLabelsTakeNothingFromAnEqualBinding(t *testing.T) {
	t.Parallel()
	c := labels(t)
	a := tag("a")
	run(c, a, func() {
		before := carrier.ReadLabels()
		run(c, a, func() { assert.Equal(t, before, carrier.ReadLabels()) })
	})
}

// labels returns the labels carrier.
func labels(t *testing.T) carrier.Carrier {
	t.Helper()
	c := carrier.InUse()
	require.Equal(t, "labels", c.Name())
	return c
}

func attach(t *testing.T, c carrier.Carrier, tag *carrier.Tag) (detach func()) {
	t.Helper()
	detach, ok := c.Attach(tag)
	require.True(t, ok)
	return detach
}

// user returns a context that has the user's own labels and nothing else.
func user(t *testing.T, args ...string) context.Context {
	return pprof.WithLabels(t.Context(), pprof.Labels(args...))
}

// knowing returns ctx as package scope has it: with the carrier to answer for
// profiler labels.
func knowing(ctx context.Context, c carrier.Carrier) context.Context {
	return carrying{ctx, c}
}

type carrying struct {
	context.Context
	carrier carrier.Carrier
}

func (c carrying) Value(key any) any {
	if set, ok := c.carrier.Labels(c.Context, key); ok {
		return set
	}
	return c.Context.Value(key)
}
