package scope_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

func TestSetIsSeenThroughItsContextAlone(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("url", "default")
	ctx := t.Context()
	outer := scope.Set(ctx, key, "outer")
	inner := scope.Set(outer, key, "inner")
	assert.Equal(t, "default", scope.Get(ctx, key))
	assert.Equal(t, "outer", scope.Get(outer, key))
	assert.Equal(t, "inner", scope.Get(inner, key), "the nearest counts")
	assert.Equal(t, "default", key.Get(), "no goroutine was bound")
}

func TestScopesAreSeenThroughDerivedContexts(t *testing.T) {
	t.Parallel()
	type other struct{}
	key := scope.NewKey("url", "default")
	ctx, cancel := context.WithCancel(scope.Set(t.Context(), key, "set"))
	cancel()
	ctx = context.WithValue(ctx, other{}, 1)
	assert.Equal(t, "set", scope.Get(ctx, key))
	ctx = scope.Set(ctx, scope.NewKey("another", 0), 1)
	assert.Equal(t, "set", scope.Get(ctx, key))
	assert.Equal(t, 1, ctx.Value(other{}), "what ctx had it has still")
	assert.ErrorIs(t, ctx.Err(), context.Canceled)
}

func TestWithBindsManyInOneScope(t *testing.T) {
	t.Parallel()
	a, b, c := scope.NewKey("a", 0), scope.NewKey("b", ""), scope.NewKey("c", false)
	ctx := scope.Set(t.Context(), c, true)
	ctx = scope.With(ctx, a.Bind(1), scope.Binding{}, b.Bind("two"))
	assert.Equal(t, 1, scope.Get(ctx, a))
	assert.Equal(t, "two", scope.Get(ctx, b), "the zero Binding before it binds nothing")
	assert.True(t, scope.Get(ctx, c), "what was bound stays")
}

func TestWithTakesTheLaterOfTwo(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("a", 0)
	assert.Equal(t, 2, scope.Get(scope.With(t.Context(), key.Bind(1), key.Bind(2)), key))
}

func TestWithOfNothingKeepsWhatIsBound(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("a", 0)
	ctx := scope.With(scope.Set(t.Context(), key, 1))
	assert.Equal(t, 1, scope.Get(ctx, key))
}

func TestLookupTellsABoundZeroFromADefault(t *testing.T) {
	t.Parallel()
	failure := errors.New("default")
	text, number := scope.NewKey("text", "default"), scope.NewKey("number", 7)
	fault := scope.NewKey("error", failure)
	reader := scope.NewKey[io.Reader]("reader", eof{})
	slice := scope.NewKey("slice", []int{1})
	ctx := scope.With(t.Context(), text.Bind(""), number.Bind(0), fault.Bind(nil), reader.Bind(nil), slice.Bind(nil))

	lookup(t, ctx, text, "", true)
	lookup(t, ctx, number, 0, true)
	lookup(t, ctx, fault, nil, true)
	lookup(t, ctx, reader, nil, true)
	lookup(t, ctx, slice, nil, true)
	assert.NoError(t, scope.Get(ctx, fault), "a bound nil error is not the default one")
	assert.Nil(t, scope.Get(ctx, reader))

	lookup(t, t.Context(), text, "", false)
	lookup(t, t.Context(), number, 0, false)
	lookup(t, t.Context(), fault, nil, false)
	assert.ErrorIs(t, scope.Get(t.Context(), fault), failure)
}

func lookup[T any](t *testing.T, ctx context.Context, key *scope.Key[T], want T, wantOK bool) {
	t.Helper()
	v, ok := scope.Lookup(ctx, key)
	assert.Equal(t, want, v, key.Name())
	assert.Equal(t, wantOK, ok, key.Name())
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

func TestSiblingsNeverSeeEachOthers(t *testing.T) {
	t.Parallel()
	key, shared := scope.NewKey("own", -1), scope.NewKey("shared", "")
	parent := scope.With(t.Context(), key.Bind(-2), shared.Bind("parent's"))
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			ctx := parent
			for j := range 20 {
				ctx = scope.Set(ctx, key, i*100+j)
				assert.Equal(t, i*100+j, scope.Get(ctx, key))
				scope.Run(ctx, func(context.Context) { assert.Equal(t, i*100+j, key.Get()) })
			}
			assert.Equal(t, "parent's", scope.Get(ctx, shared))
			assert.Equal(t, -2, scope.Get(parent, key))
		})
	}
	wg.Wait()
}

func TestAContextDecidesWhole(t *testing.T) {
	t.Parallel()
	a, b := scope.NewKey("a", "default"), scope.NewKey("b", "default")
	ofContext := scope.Set(t.Context(), a, "context's")
	inScope(t, scope.With(t.Context(), a.Bind("goroutine's"), b.Bind("goroutine's")), func(context.Context) {
		assert.Equal(t, "context's", scope.Get(ofContext, a))
		assert.Equal(t, "default", scope.Get(ofContext, b), "never merged key by key")
		_, ok := scope.Lookup(ofContext, b)
		assert.False(t, ok)
		assert.Equal(t, "goroutine's", scope.Get(t.Context(), b), "a context without a scope leaves it to the goroutine")
	})
}

func TestSetWithoutAScopeStartsFromTheGoroutines(t *testing.T) {
	t.Parallel()
	a, b := scope.NewKey("a", "default"), scope.NewKey("b", "default")
	var set, with context.Context
	inScope(t, scope.Set(t.Context(), a, "goroutine's"), func(context.Context) {
		set = scope.Set(t.Context(), b, "set")
		with = scope.With(t.Context())
	})
	assert.Equal(t, "goroutine's", scope.Get(set, a))
	assert.Equal(t, "set", scope.Get(set, b))
	assert.Equal(t, "goroutine's", scope.Get(with, a))
}

func TestEveryNumberOfKeysIsFound(t *testing.T) {
	t.Parallel()
	var keys []*scope.Key[int]
	ctx := t.Context()
	for n := range 300 {
		keys = append(keys, scope.NewKey(fmt.Sprint("key ", n), -1))
		ctx = scope.Set(ctx, keys[n], n)
		for i, key := range keys {
			require.Equal(t, i, scope.Get(ctx, key), "of %d", n+1)
		}
	}
	_, ok := scope.Lookup(ctx, scope.NewKey("another", 0))
	assert.False(t, ok)

	all := make([]scope.Binding, len(keys))
	for i, key := range keys {
		all[i] = key.Bind(-i)
	}
	for n := range all {
		ctx := scope.With(t.Context(), all[:n]...)
		for i, key := range keys {
			v, ok := scope.Lookup(ctx, key)
			require.Equal(t, i < n, ok, "key %d of %d", i, n)
			if ok {
				require.Equal(t, -i, v)
			}
		}
	}
	ctx = scope.With(ctx, all...)
	for i, key := range keys {
		require.Equal(t, -i, scope.Get(ctx, key), "bound again")
	}
}

func TestANilContextPanicsWithAClearText(t *testing.T) {
	t.Parallel()
	const text = "scope: nil context: pass context.Background() or context.TODO()"
	key := scope.NewKey("key", 0)
	resource := scope.NewResource(func() int { return 0 }, nil)
	f := func(context.Context) { assert.Fail(t, "called") }
	var none context.Context
	for name, call := range map[string]func(){
		"Set":          func() { scope.Set(none, key, 1) },
		"With":         func() { scope.With(none) },
		"Get":          func() { scope.Get(none, key) },
		"Lookup":       func() { scope.Lookup(none, key) },
		"Go":           func() { scope.Go(none, f) },
		"Run":          func() { scope.Run(none, f) },
		"Wrap":         func() { scope.Wrap(none, func() {}) },
		"Attach":       func() { scope.Attach(none) },
		"Capture":      func() { scope.Capture(none) },
		"Detach":       func() { scope.Detach(none) },
		"New":          func() { scope.New(none, "name") },
		"Err":          func() { _ = scope.Err(none) },
		"Name":         func() { scope.Name(none) },
		"Explain":      func() { scope.Explain(none, key) },
		"Resource.Get": func() { resource.Get(none) },
	} {
		assert.PanicsWithValue(t, text, call, name)
		scope.Run(scope.Set(t.Context(), key, 1), func(context.Context) {
			assert.PanicsWithValue(t, text, call, "%s on a bound goroutine", name)
		})
	}
}

func TestANilFunctionPanicsOnTheCallersGoroutine(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, "scope: Go of a nil function", func() { scope.Go(t.Context(), nil) })
	assert.PanicsWithValue(t, "scope: Run of a nil function", func() { scope.Run(t.Context(), nil) })
	assert.PanicsWithValue(t, "scope: Wrap of a nil function", func() { scope.Wrap(t.Context(), nil) })
	assert.PanicsWithValue(t, "scope: NewResource of a nil function", func() { scope.NewResource[int](nil, nil) })
	assert.PanicsWithValue(t, `scope: NewKeyFunc("url"): nil function`, func() { scope.NewKeyFunc[int]("url", nil) })
}
