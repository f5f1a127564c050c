package engine

import (
	"sync/atomic"

	"github.com/scopetree/scope/internal/carrier"
)

// A Key is a scope.Key without its type. All its values have one type, which the Key does
// not know. So a lookup is compiled once, and not for each type. Two Keys are the same if
// they have the same address.
type Key struct {
	name     string
	hash     uint32
	redacted bool
	indirect bool // its bindings have values that reveal must unwrap
	hidden   bool // see Hide
	collect  *collector
	def      atomic.Pointer[any] // the default; if nil, lazy returns it
	lazy     func() any          // nil in the zero Key
}

// A KeyRef holds a Key. A type that embeds a KeyRef is a [Keyed].
type KeyRef struct{ k Key }

func (r *KeyRef) key() *Key { return &r.k }

// Keyed is a *scope.Key of any type.
type Keyed interface{ key() *Key }

// Typed is a *scope.Key whose values are of type T.
type Typed[T any] interface {
	Keyed
	Get() T
}

// Of returns the key without its type.
func Of(k Keyed) *Key { return k.key() }

var keys atomic.Uint32 // number of keys made; the last one's hash

// Init makes a zero Key ready for use.
func (k *Key) Init(name string) { k.name, k.hash = name, keys.Add(1) }

// Redact marks the key's values as secret. It must be called before the key is bound.
func (k *Key) Redact() { k.redacted, k.indirect = true, true }

// Redacted says whether Redact was called.
func Redacted(k Keyed) bool { return Of(k).redacted }

// Hide leaves the key out of lists of bindings. It is for keys whose values mean nothing to
// people, and for keys that are collected into another one that is listed. It must be
// called before the key is bound.
func Hide(k Keyed) { Of(k).hidden = true }

// Name returns the key's name.
func (k *Key) Name() string { return k.name }

// SetDefault changes the default. restore brings back the earlier one.
func (k *Key) SetDefault(v any) (restore func()) {
	earlier := k.def.Swap(&v)
	return func() { k.def.Store(earlier) }
}

// SetLazyDefault gives the key a function that returns the default. It is called each time
// that the default is needed.
func (k *Key) SetLazyDefault(def func() any) { k.lazy = def }

// Default returns the default.
func (k *Key) Default() any {
	if p := k.def.Load(); p != nil {
		return *p
	}
	if k.lazy != nil {
		return k.lazy()
	}
	return nil
}

// Ambient returns a key's value in the goroutine's scope, or else its default.
func Ambient(r *KeyRef) any {
	k := &r.k
	if t := carrier.Current(); t != nil {
		s := carrier.Payload[scope](t)
		if s.ended() {
			s = s.life.ancestor()
		}
		if b := s.find(k); b != nil {
			return b.reveal()
		}
	}
	return k.Default()
}

// Bind returns the binding of the key to v.
func (k *Key) Bind(v any) Binding { return Binding{key: k, value: k.redact(v)} }

// redact returns the form in which a binding holds v. It hides a secret in a function,
// because no printing verb, debugger or encoder looks into a function.
func (k *Key) redact(v any) any {
	if k.redacted {
		return func() any { return v }
	}
	return v
}

// reveal returns the value that redact was called with. If T is an interface type and nil
// was bound, it returns nil, so that v, _ := b.reveal().(T) is right in every case.
func (b *Binding) reveal() any {
	if b.key.indirect {
		return b.hidden()
	}
	return b.value
}

// hidden is reveal for a key whose values are secrets, or are collected from other keys.
func (b *Binding) hidden() any {
	v := b.value
	if l, ok := v.(*layered); ok {
		v = l.value()
	}
	if b.key.redacted {
		return v.(func() any)()
	}
	return v
}
