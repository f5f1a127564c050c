package engine

import (
	"sync/atomic"

	"github.com/scopetree/scope/internal/carrier"
)

// A Key is a scope.Key with the type taken off: all values in it are of one
// type, which it does not know. So a lookup is compiled once, not for each type.
// Its address is its identity.
type Key struct {
	name     string
	hash     uint32
	redacted bool
	indirect bool // a value has to be revealed
	hidden   bool // left out where bindings are listed: see Hide
	collect  *collector
	def      atomic.Pointer[any] // the default; nil where lazy answers
	lazy     func() any          // nil in the zero Key
}

// A KeyRef holds a Key for a type that embeds it, which then is a [Keyed].
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

var keys atomic.Uint32 // how many were made: their hashes count up

// Init makes a key of the zero Key.
func (k *Key) Init(name string) { k.name, k.hash = name, keys.Add(1) }

// Redact marks the key's values as secret. It must be called before any is bound.
func (k *Key) Redact() { k.redacted, k.indirect = true, true }

// Redacted says whether Redact was called.
func Redacted(k Keyed) bool { return Of(k).redacted }

// Hide leaves the key out where bindings are listed: one whose values say
// nothing, or one that is collected into another, which says it all. It must be
// called before the key is bound.
func Hide(k Keyed) { Of(k).hidden = true }

// Name returns the key's name.
func (k *Key) Name() string { return k.name }

// SetDefault changes the default. restore brings the earlier one back.
func (k *Key) SetDefault(v any) (restore func()) {
	earlier := k.def.Swap(&v)
	return func() { k.def.Store(earlier) }
}

// SetLazyDefault gives the key a default that is made each time that it is needed.
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

// Ambient returns a key's value in the goroutine's scope, else its default.
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

// redact makes of v what a binding holds. A secret stays behind a function, which
// no printing verb, debugger's dump or reflective encoder looks into.
func (k *Key) redact(v any) any {
	if k.redacted {
		return func() any { return v }
	}
	return v
}

// reveal returns what redact was given. It is nil for a nil that was bound to an
// interface type, so that callers' v, _ := b.reveal().(T) is right.
func (b *Binding) reveal() any {
	if b.key.indirect {
		return b.hidden()
	}
	return b.value
}

// hidden is reveal for a key whose values may be secrets, or follow from others.
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
