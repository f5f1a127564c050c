package scope

import (
	"context"

	"github.com/scopetree/scope/internal/engine"
)

// Set returns a context derived from ctx, with a scope in which key is bound to v. The
// new scope is derived from the one that decides for ctx, and ends with it. If that has
// ended already, so has the new scope, and Get does not see v.
//
// Set changes neither ctx nor the goroutine, so discarding its result is a mistake.
// Pass the result to [Get], [Run] or [Go]. In a test, use scopetest.Set, which
// binds the goroutine as well.
func Set[T any](ctx context.Context, key *Key[T], v T) context.Context {
	return engine.With(ctx, []engine.Binding{key.untyped().Bind(v)})
}

// With is [Set] for several bindings, in one scope. Of two bindings of the same key
// the later one counts.
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

// Get returns key's value in the scope that decides for ctx: the one that ctx carries,
// or else the goroutine's. If that scope does not bind key, Get returns the key's
// default. If it has ended, Get reads the nearest live scope around it.
func Get[T any](ctx context.Context, key *Key[T]) T {
	v, _ := engine.Value(ctx, &key.keyRef).(T)
	return v
}

// Lookup is [Get] for callers who must tell a bound value from a default. ok says
// whether the key is bound, be it to nil or to zero. If ok is false, v is the zero
// T and not the default.
func Lookup[T any](ctx context.Context, key *Key[T]) (v T, ok bool) {
	bound, ok := engine.Lookup(ctx, key.untyped())
	v, _ = bound.(T)
	return v, ok
}

// Explain says on one line why [Get] returns what it does. It names the value, the
// scope that binds it, with file and line if they are known, and the scope that
// was asked. It also says whether that scope came from the context or from the
// goroutine. The text is for people, and its form may change.
//
//	api.url = "http://127.0.0.1:4321", bound in scope "TestCheckout" at checkout_test.go:12; asked scope "TestCheckout/card", from the context
func Explain[T any](ctx context.Context, key *Key[T]) string {
	return engine.Explain(ctx, key.untyped())
}
