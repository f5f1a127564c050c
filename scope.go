package scope

import (
	"context"

	"github.com/scopetree/scope/internal/engine"
)

// Set returns a context derived from ctx whose scope has key bound to v. It
// changes nothing else: not ctx, and not the goroutine, so a discarded result
// is a mistake. Pass it to [Get], [Run] or [Go]; in a test, scopetest.Set binds
// the goroutine as well. Where ctx carries no scope, the new one starts from the
// goroutine's.
func Set[T any](ctx context.Context, key *Key[T], v T) context.Context {
	return engine.With(ctx, []engine.Binding{key.untyped().Bind(v)})
}

// With is [Set] for many bindings at once, in one scope. Of two for the same
// key the later one counts.
func With(ctx context.Context, b ...Binding) context.Context {
	var few [8]engine.Binding // so that few bindings cost no allocation here
	list := few[:0]
	if len(b) > len(few) {
		list = make([]engine.Binding, 0, len(b))
	}
	for i := range b {
		list = append(list, *b[i].untyped())
	}
	return engine.With(ctx, list)
}

// Get returns key's value in the scope that ctx carries. Where ctx carries
// none, the goroutine's scope answers. Where that scope binds no value, the
// key's default does. An ended scope answers as its nearest live ancestor.
func Get[T any](ctx context.Context, key *Key[T]) T {
	v, _ := engine.Value(ctx, &key.keyRef).(T)
	return v
}

// Lookup is [Get] for callers who must tell a bound value from a default. ok
// is true for a bound nil or zero too. Where ok is false, v is the zero T.
func Lookup[T any](ctx context.Context, key *Key[T]) (v T, ok bool) {
	bound, ok := engine.Lookup(ctx, key.untyped())
	v, _ = bound.(T)
	return v, ok
}

// Explain says on one line why [Get] answers what it does: the value, or
// ‹redacted›; the scope that binds it, with file and line where they are known,
// or that it is the default; and which scope was asked, how it was found, and
// whether the goroutine's would have answered in place of a context's. The text
// is for people. Its form may change.
//
//	api.url = "http://127.0.0.1:4321", bound in scope "TestCheckout" at checkout_test.go:12; asked scope "TestCheckout/card", from the context
func Explain[T any](ctx context.Context, key *Key[T]) string {
	return engine.Explain(ctx, key.untyped())
}
