package scope

import (
	"fmt"

	"github.com/scopetree/scope/internal/engine"
)

// A Key stands for a value of type T that scopes can bind. Keys are usually
// package-level variables, made with [NewKey] or [NewKeyFunc]. Two keys with the
// same name are still two keys: the name is for people.
//
// The zero Key has no name and the zero T for its default. A Key must not be
// copied. Its methods may be called from any goroutine. On a nil *Key they panic.
type Key[T any] struct{ keyRef }

type keyRef = engine.KeyRef

// NewKey returns a new key. Where no scope binds the key, its value is def. The
// name shows in [Explain] and in errors.
func NewKey[T any](name string, def T, opts ...KeyOption) *Key[T] {
	k := newKey[T](name, opts)
	k.SetDefault(def)
	return k
}

// NewKeyFunc is [NewKey] with a default that is computed when it is needed. def is
// called for each read where no scope binds the key. It may be called by any
// goroutine, and its result is not kept.
func NewKeyFunc[T any](name string, def func() T, opts ...KeyOption) *Key[T] {
	if def == nil {
		panic(fmt.Sprintf("scope: NewKeyFunc(%q): nil function", name))
	}
	k := newKey[T](name, opts)
	k.untyped().SetLazyDefault(func() any { return def() })
	return k
}

func newKey[T any](name string, opts []KeyOption) *Key[T] {
	k := new(Key[T])
	k.untyped().Init(name)
	for _, o := range opts {
		if o.redacted {
			k.untyped().Redact()
		}
	}
	return k
}

// A KeyOption is a property of a key, given when it is made. The zero KeyOption
// changes nothing.
type KeyOption struct{ redacted bool }

// Redacted marks a key whose values are secret. This module prints ‹redacted› in place
// of such a value, and so does package fmt for the key's [Binding]. A value that [Get]
// has returned is not protected any more.
func Redacted() KeyOption { return KeyOption{redacted: true} }

// Name returns the name that the key was made with.
func (k *Key[T]) Name() string { return k.untyped().Name() }

// String returns the key's name.
func (k *Key[T]) String() string { return k.Name() }

// Get returns the key's value for code that has no context: the one bound in
// the goroutine's scope, else the default. With a context, use [Get].
func (k *Key[T]) Get() T {
	v, _ := engine.Ambient(&k.keyRef).(T)
	return v
}

// SetDefault changes the key's default for the whole process. Call it when you load
// the configuration at start-up. It also replaces the function of [NewKeyFunc].
// restore brings back what was the default before this call; most callers ignore it. Of
// several calls, restore the last first, as deferred calls are run.
func (k *Key[T]) SetDefault(v T) (restore func()) { return k.untyped().SetDefault(v) }

// Default returns the value that the key has where no scope binds it.
func (k *Key[T]) Default() T {
	v, _ := k.untyped().Default().(T)
	return v
}

// untyped returns the key without its type. [Get] and Key.Get do without it: it
// would keep the compiler from inlining them.
func (k *Key[T]) untyped() *engine.Key {
	if k == nil {
		panic("scope: nil key: make it with scope.NewKey")
	}
	return engine.Of(&k.keyRef)
}
