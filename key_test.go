package scope_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

func TestAKeyHasItsDefaultWhereNothingBindsIt(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("url", "default")
	assert.Equal(t, "url", key.Name())
	assert.Equal(t, "url", key.String())
	assert.Equal(t, "default", key.Get())
	assert.Equal(t, "default", scope.Get(t.Context(), key))
	assert.Equal(t, "default", scope.Get(scope.Set(t.Context(), scope.NewKey("b", 1), 2), key))
}

func TestTheZeroKeyWorks(t *testing.T) {
	t.Parallel()
	var key, other scope.Key[int]
	assert.Zero(t, key.Get())
	assert.Empty(t, key.Name())
	ctx := scope.With(t.Context(), key.Bind(1))
	for range 2 * engine.MaxAlone { // so that it is found in a table too
		ctx = scope.Set(ctx, scope.NewKey("", 0), 0)
	}
	assert.Equal(t, 1, scope.Get(ctx, &key))
	_, ok := scope.Lookup(ctx, &other)
	assert.False(t, ok, "another zero Key is another key")
	defer key.SetDefault(7)()
	assert.Equal(t, 7, key.Get())
}

func TestTwoKeysWithOneNameAreTwoKeys(t *testing.T) {
	t.Parallel()
	a, b := scope.NewKey("same", 0), scope.NewKey("same", 0)
	ctx := scope.Set(t.Context(), a, 1)
	assert.Equal(t, 1, scope.Get(ctx, a))
	assert.Equal(t, 0, scope.Get(ctx, b))
}

func TestALazyDefaultIsCalledOnEachMissAndNeverElse(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	key := scope.NewKeyFunc("lazy", func() int64 { return calls.Add(1) })
	assert.Zero(t, calls.Load(), "not when the key is made")
	assert.EqualValues(t, 1, key.Get())
	assert.EqualValues(t, 2, scope.Get(t.Context(), key))

	ctx := scope.Set(t.Context(), key, 0)
	assert.EqualValues(t, 0, scope.Get(ctx, key))
	scope.Run(ctx, func(context.Context) { assert.EqualValues(t, 0, key.Get()) })
	_, ok := scope.Lookup(t.Context(), key)
	assert.False(t, ok, "Lookup has no need of a default")
	assert.EqualValues(t, 2, calls.Load(), "not where it is bound")

	defer key.SetDefault(-1)()
	assert.EqualValues(t, -1, key.Get())
	assert.EqualValues(t, 2, calls.Load(), "not where SetDefault replaced it")
}

func TestALazyDefaultMayPanic(t *testing.T) {
	t.Parallel()
	key := scope.NewKeyFunc("lazy", func() int { panic("not configured") })
	assert.PanicsWithValue(t, "not configured", func() { key.Get() })
	assert.Equal(t, 1, scope.Get(scope.Set(t.Context(), key, 1), key))
}

func TestSetDefaultChangesTheProcessUntilRestored(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "first")
	bound := scope.Set(t.Context(), key, "bound")
	restoreFirst := key.SetDefault("second")
	restoreSecond := key.SetDefault("third")
	assert.Equal(t, "third", key.Get())
	assert.Equal(t, "bound", scope.Get(bound, key), "a scope counts for more")
	restoreSecond()
	assert.Equal(t, "second", key.Get())
	restoreFirst()
	assert.Equal(t, "first", key.Get())

	calls := 0
	lazy := scope.NewKeyFunc("lazy", func() int { calls++; return calls })
	lazy.SetDefault(10)()
	assert.Equal(t, 1, lazy.Get(), "the function is back")
}

func TestSetDefaultMayRunBesideReaders(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", 0)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { key.SetDefault(i) })
		wg.Go(func() { assert.GreaterOrEqual(t, key.Get(), 0) })
	}
	wg.Wait()
}

const canary = "c4nary"

// hidden is a secret with a printing method, which must not be called.
type hidden struct{ text string }

func (h hidden) String() string               { return h.text }
func (h hidden) GoString() string             { return h.text }
func (h hidden) MarshalText() ([]byte, error) { return []byte(h.text), nil }

func TestARedactedValueIsPrintedNowhere(t *testing.T) {
	t.Parallel()
	text := scope.NewKey("token", canary+" default", scope.Redacted())
	printer := scope.NewKey[fmt.Stringer]("printer", hidden{canary}, scope.Redacted())
	pointer := scope.NewKey("pointer", &hidden{canary}, scope.Redacted())
	bytes := scope.NewKey("bytes", []byte(canary), scope.Redacted())
	bindings := []scope.Binding{
		text.Bind(canary), printer.Bind(hidden{canary}), pointer.Bind(&hidden{canary}), bytes.Bind([]byte(canary)),
	}
	small := scope.With(t.Context(), bindings...)
	large := small
	for range 2 * engine.MaxAlone {
		large = scope.Set(large, scope.NewKey("more", 0), 0)
	}
	named, end := scope.New(large, "named")
	defer end()
	derived, cancel := context.WithCancel(context.WithValue(named, hidden{}, 0))
	defer cancel()

	for _, ctx := range []context.Context{small, large, named, derived} {
		assert.Equal(t, canary, scope.Get(ctx, text), "code can read it")
		assert.Equal(t, hidden{canary}, scope.Get(ctx, printer))
		assert.Equal(t, []byte(canary), scope.Get(ctx, bytes))
		for _, s := range []string{
			scope.Explain(ctx, text), scope.Explain(ctx, printer), scope.Explain(ctx, pointer), scope.Explain(ctx, bytes),
		} {
			assertHidden(t, s)
			assert.Contains(t, s, "‹redacted›")
		}
		printed(t, ctx)
	}
	assertHidden(t, scope.Explain(t.Context(), text))
	assert.Contains(t, scope.Explain(t.Context(), text), "‹redacted›, the default")
	for _, b := range bindings {
		printed(t, b)
		assert.Contains(t, b.String(), "=‹redacted›")
	}
	printed(t, bindings)
	for _, key := range []any{text, printer, pointer, bytes} {
		printed(t, key)
	}
}

// printed prints v with every verb that there is.
func printed(t *testing.T, v any) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%p"} {
		assertHidden(t, fmt.Sprintf(verb, v), verb)
	}
}

func assertHidden(t *testing.T, s string, args ...any) {
	t.Helper()
	assert.NotContains(t, s, canary, args...)
	assert.NotContains(t, s, fmt.Sprintf("%x", canary), args...)
	assert.NotContains(t, s, fmt.Sprintf("%X", canary), args...)
	assert.NotContains(t, s, fmt.Sprint([]byte(canary)), args...)
}

func TestABindingPrintsItsKeyAndValue(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `url="http://x"`, fmt.Sprint(scope.NewKey("url", "").Bind("http://x")))
	assert.Equal(t, "n=7", fmt.Sprintf("%#v", scope.NewKey("n", 0).Bind(7)))
	assert.Equal(t, "err=<nil>", fmt.Sprint(scope.NewKey[error]("err", nil).Bind(nil)))
	assert.Equal(t, "(no binding)", fmt.Sprintf("%v", scope.Binding{}))
}

func TestNilsPanicInWords(t *testing.T) {
	t.Parallel()
	var none *scope.Key[int]
	const text = "scope: nil key: make it with scope.NewKey"
	ctx := t.Context()
	for name, f := range map[string]func(){
		"Lookup": func() { scope.Lookup(ctx, none) },
		"Name":   func() { _ = none.Name() }, "Default": func() { none.Default() }, "SetDefault": func() { none.SetDefault(1) },
		"Set": func() { scope.Set(ctx, none, 1) }, "Bind": func() { none.Bind(1) }, "Explain": func() { scope.Explain(ctx, none) },
	} {
		assert.PanicsWithValue(t, text, f, name)
	}
	assert.Panics(t, func() { scope.Get(ctx, none) })
	assert.Panics(t, func() { none.Get() })
	assert.NotPanics(t, func() { scope.NewKey("k", 0, scope.KeyOption{}) }, "the zero option changes nothing")
}
