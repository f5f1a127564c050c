package scope

import "github.com/scopetree/scope/internal/engine"

// A Binding is a key and a value for it, ready for [With]. Packages offer
// functions that return Bindings, such as httpx.Route, where a value is more
// than a key can say. The zero Binding binds nothing. A Binding is immutable.
type Binding struct{ bindingRef }

type bindingRef = engine.BindingRef

// Bind returns the binding of the key to v.
func (k *Key[T]) Bind(v T) Binding { return Binding{engine.RefTo(k.untyped().Bind(v))} }

// String returns name=value, and ‹redacted› for the value of a redacted key.
func (b Binding) String() string { return b.untyped().String() }

// GoString returns what String does, so that %#v shows no more than %v.
func (b Binding) GoString() string { return b.String() }

func (b *Binding) untyped() *engine.Binding { return engine.In(&b.bindingRef) }
