package scope

import "github.com/scopetree/scope/internal/engine"

// A Binding is a key with a value, to be passed to [With]. [Key.Bind] makes one,
// and so do functions of other packages, such as httpx.Route. The zero Binding
// binds nothing. A Binding is immutable.
type Binding struct{ bindingRef }

type bindingRef = engine.BindingRef

// Bind returns the binding of the key to v.
func (k *Key[T]) Bind(v T) Binding { return Binding{engine.RefTo(k.untyped().Bind(v))} }

// String returns name=value. The value of a redacted key is ‹redacted›.
func (b Binding) String() string { return b.untyped().String() }

// GoString returns what String does, so that %#v shows no more than %v.
func (b Binding) GoString() string { return b.String() }

func (b *Binding) untyped() *engine.Binding { return engine.In(&b.bindingRef) }
