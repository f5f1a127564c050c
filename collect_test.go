package scope_test

import (
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// collecting returns a key whose values are collected into the other one,
// which has the values of one Set or With in one list, the nearest list first.
func collecting() (one *scope.Key[string], all *scope.Key[[][]string]) {
	all = scope.NewKey[[][]string]("all", nil)
	one = scope.NewKey("one", "")
	engine.Collect(one, all, func(a [][]string, v string, fresh bool) [][]string {
		if fresh {
			return slices.Insert(slices.Clone(a), 0, []string{v})
		}
		a[0] = append(a[0], v)
		return a
	})
	return one, all
}

func TestCollectGathersWhatBindingsSayTogether(t *testing.T) {
	t.Parallel()
	one, all := collecting()
	assert.Nil(t, scope.Get(t.Context(), all))

	outer := scope.With(t.Context(), one.Bind("a"), one.Bind("b"))
	assert.Equal(t, [][]string{{"a", "b"}}, scope.Get(outer, all), "one call, one list")
	assert.Equal(t, "b", scope.Get(outer, one), "the key is bound as any other")

	inner := scope.Set(scope.With(outer, one.Bind("c"), one.Bind("d")), one, "e")
	assert.Equal(t, [][]string{{"e"}, {"c", "d"}, {"a", "b"}}, scope.Get(inner, all), "the nearest scope first")
	assert.Equal(t, [][]string{{"a", "b"}}, scope.Get(outer, all), "the outer scope is as it was")

	sibling := scope.Set(outer, one, "f")
	assert.Equal(t, [][]string{{"f"}, {"a", "b"}}, scope.Get(sibling, all))
	assert.Equal(t, [][]string{{"g"}}, scope.Get(scope.Set(scope.Detach(inner), one, "g"), all))
}

func TestCollectWorksThroughATable(t *testing.T) {
	t.Parallel()
	one, all := collecting()
	ctx := t.Context()
	var want [][]string
	for i := range 50 {
		v := string(rune('A' + i))
		ctx = scope.With(ctx, one.Bind(v), scope.NewKey("more", 0).Bind(i), one.Bind("-"))
		want = slices.Insert(want, 0, []string{v, "-"})
	}
	assert.Equal(t, want, scope.Get(ctx, all))
}

func TestSeveralKeysCollectIntoOne(t *testing.T) {
	t.Parallel()
	type list = []string
	add := func(a list, v string, fresh bool) list {
		if fresh {
			a = nil
		}
		return append(a, v)
	}
	all := scope.NewKey("all", list{"default"})
	a, b := scope.NewKey("a", ""), scope.NewKey("b", "")
	engine.Collect(a, all, add)
	engine.Collect(b, all, add)
	ctx := scope.With(t.Context(), a.Bind("1"), b.Bind("2"), a.Bind("3"))
	assert.Equal(t, list{"1", "2", "3"}, scope.Get(ctx, all), "fresh once for the call, whichever key")
	assert.Equal(t, list{"default"}, scope.Get(t.Context(), all))
}

func TestCollectStartsFromTheDefault(t *testing.T) {
	t.Parallel()
	sum := scope.NewKey("sum", 100)
	n := scope.NewKey("n", 0)
	engine.Collect(n, sum, func(a, v int, _ bool) int { return a + v })
	assert.Equal(t, 103, scope.Get(scope.With(t.Context(), n.Bind(1), n.Bind(2)), sum))
	assert.Equal(t, 8, scope.Get(scope.With(t.Context(), sum.Bind(7), n.Bind(1)), sum), "or from what is bound")
	assert.Equal(t, 7, scope.Get(scope.With(t.Context(), n.Bind(1), sum.Bind(7)), sum), "what is bound later counts")
}

func TestCollectKeepsSecrets(t *testing.T) {
	t.Parallel()
	all := scope.NewKey("all", "", scope.Redacted())
	one := scope.NewKey("one", "", scope.Redacted())
	engine.Collect(one, all, func(a, v string, _ bool) string { return a + v })
	ctx := scope.With(t.Context(), one.Bind(canary), one.Bind(canary))
	assert.Equal(t, canary+canary, scope.Get(ctx, all))
	printed(t, ctx)
	assertHidden(t, scope.Explain(ctx, all))
}

func TestCollectTakesANilOfAnInterfaceType(t *testing.T) {
	t.Parallel()
	count := scope.NewKey("count", 0)
	fault := scope.NewKey("fault", io.EOF)
	engine.Collect(fault, count, func(a int, v error, _ bool) int {
		if v == nil {
			return a + 1
		}
		return a + 10
	})
	assert.Equal(t, 11, scope.Get(scope.With(t.Context(), fault.Bind(nil), fault.Bind(errors.New("x"))), count))
}
