package scope

import (
	"fmt"
	"sync/atomic"

	"github.com/scopetree/scope/internal/carrier"
)

// A Key names a value of type T that scopes can hold. Keys are usually
// package-level variables, made with [NewKey] or [NewKeyFunc]. The key itself
// tells keys apart, never its name: two keys with one name are two keys.
//
// The zero Key has no name and the zero T for its default. A Key must not be
// copied. Its methods may be called from any goroutine.
type Key[T any] struct{ info keyInfo }

// keyInfo is a key with the type taken off: all values in it are Ts. So a
// lookup is compiled once, not for each T. Its address is the identity.
type keyInfo struct {
	name     string
	hash     uint32
	redacted bool
	indirect bool // a value has to be revealed
	hidden   bool // left out where bindings are listed: see privileged.Hide
	collect  *collector
	def      atomic.Pointer[any] // the default; nil where lazy answers
	lazy     func() any          // nil in the zero Key
}

var keys atomic.Uint32 // how many were made: their hashes count up

// NewKey returns a new key. Where no scope binds it, it has the value def.
// The name is for people: it shows in [Explain] and in errors.
func NewKey[T any](name string, def T, opts ...KeyOption) *Key[T] {
	k := newKey[T](name, opts)
	k.SetDefault(def)
	return k
}

// NewKeyFunc is [NewKey] with a default that is made when it is needed: def is
// called each time that no scope binds the key, by any goroutine, and its
// answer is not kept.
func NewKeyFunc[T any](name string, def func() T, opts ...KeyOption) *Key[T] {
	if def == nil {
		panic(fmt.Sprintf("scope: NewKeyFunc(%q): nil function", name))
	}
	k := newKey[T](name, opts)
	k.info.lazy = func() any { return def() }
	return k
}

func newKey[T any](name string, opts []KeyOption) *Key[T] {
	k := &Key[T]{info: keyInfo{name: name, hash: keys.Add(1)}}
	for _, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("scope: NewKey(%q): nil option", name))
		}
		o(&k.info)
	}
	if c := k.info.collect; c != nil && !c.takes((*T)(nil)) {
		panic(fmt.Sprintf("scope: NewKey(%q): its values are of type %T, which its Collect option does not take", name, *new(T)))
	}
	return k
}

// A KeyOption is a property of a key, given when it is made.
type KeyOption func(*keyInfo)

// Redacted marks a key whose values are secret. They print as ‹redacted›,
// everywhere that this module prints a value, and through package fmt.
func Redacted() KeyOption { return func(k *keyInfo) { k.redacted, k.indirect = true, true } }

// Name returns the name that the key was made with.
func (k *Key[T]) Name() string { return k.info.name }

// String returns the key's name.
func (k *Key[T]) String() string { return k.info.name }

// Get returns the key's value for code that has no context: the one bound in
// the goroutine's scope, else the default. With a context, use [Get].
func (k *Key[T]) Get() T {
	v, _ := k.info.ambient().(T)
	return v
}

// SetDefault changes the key's default, for the whole process: what loading a
// configuration at start-up calls. It replaces the function of [NewKeyFunc].
// The result brings the earlier default back; most callers ignore it.
func (k *Key[T]) SetDefault(v T) (restore func()) {
	def := any(v)
	earlier := k.info.def.Swap(&def)
	return func() { k.info.def.Store(earlier) }
}

// Default returns the value that the key has where no scope binds it.
func (k *Key[T]) Default() T {
	v, _ := k.info.fallback().(T)
	return v
}

// nilKey is what a nil *Key panics with.
const nilKey = "scope: nil key: make it with scope.NewKey"

// fallback returns the default.
func (k *keyInfo) fallback() any {
	if p := k.def.Load(); p != nil {
		return *p
	}
	if k.lazy != nil {
		return k.lazy()
	}
	return nil
}

// ambient returns the value in the goroutine's scope.
func (k *keyInfo) ambient() any {
	if t := carrier.Current(); t != nil {
		s := carrier.Payload[scope](t)
		if s.ended() {
			s = s.life.ancestor()
		}
		if e := s.find(k); e != nil {
			return e.reveal()
		}
	}
	return k.fallback()
}

// redact makes of v what an entry holds. A secret stays behind a function, which
// no printing verb, debugger's dump or reflective encoder looks into.
func (k *keyInfo) redact(v any) any {
	if k.redacted {
		return func() any { return v }
	}
	return v
}

// reveal returns what redact was given. It is nil for a nil that was bound to an
// interface type, so that callers' v, _ := e.reveal().(T) is right.
func (e *entry) reveal() any {
	if e.key.indirect {
		return e.hidden()
	}
	return e.value
}

// hidden is reveal for a key whose values may be secrets, or follow from others.
func (e *entry) hidden() any {
	v := e.value
	if l, ok := v.(*layered); ok {
		v = l.value()
	}
	if e.key.redacted {
		return v.(func() any)()
	}
	return v
}
