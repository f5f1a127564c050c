package env

import (
	"context"
	"fmt"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// A Key is a value of type T that scopes can bind, and that an environment
// variable gives where none does. Keys are usually package-level variables, made
// with [NewKey]. Its methods may be called from any goroutine, if the function
// that parses may.
//
// It is no [scope.Key] with a lazy default, because such a default knows no
// context: it would read the goroutine's variable for a caller who passes
// another scope. Nor could it say that the variable has a value it can't use.
type Key[T any] struct {
	key   *scope.Key[T]
	parse func(string) (T, error)
}

// NewKey returns a key whose value is that of a variable, parsed with a function
// such as strconv.Atoi, time.ParseDuration or url.Parse. Where the variable is
// not set, it is def. The options are those of a [scope.Key]: with
// [scope.Redacted], no error shows the variable's value.
func NewKey[T any](name string, parse func(string) (T, error), def T, opts ...scope.KeyOption) *Key[T] {
	native.checked(name, "")
	if parse == nil {
		panic(fmt.Sprintf("env: NewKey(%q): nil function", name))
	}
	return &Key[T]{scope.NewKey(name, def, opts...), parse}
}

// Name returns the variable's name.
func (k *Key[T]) Name() string { return k.key.Name() }

// String returns the variable's name.
func (k *Key[T]) String() string { return k.key.Name() }

// Bind returns the binding of the key to v. It comes before the variable, and
// leaves the variable as it is.
func (k *Key[T]) Bind(v T) scope.Binding { return k.key.Bind(v) }

// Get returns the value that the scope that decides for ctx binds to the key;
// else that of its variable, as [Lookup] finds it; else the default. The
// variable is read and parsed at each call, so that a change is seen. An empty
// variable is set: it is parsed too.
//
// A value that can't be parsed is an error that names the variable, and v is
// the zero T.
func (k *Key[T]) Get(ctx context.Context) (v T, err error) {
	if v, ok := scope.Lookup(ctx, k.key); ok {
		return v, nil
	}
	text, ok := Lookup(ctx, k.Name())
	if !ok {
		return k.key.Default(), nil
	}
	if v, err = k.parse(text); err != nil {
		return *new(T), k.invalid(text, err)
	}
	return v, nil
}

// Explain says why [Key.Get] answers what it does: see [scope.Explain] for what
// is bound to the key, and the function [Explain] for its variable.
func (k *Key[T]) Explain(ctx context.Context) string {
	if _, ok := scope.Lookup(ctx, k.key); ok {
		return scope.Explain(ctx, k.key)
	}
	return Explain(ctx, k.Name())
}

// invalid returns Get's error. What parse says of a secret has the secret in it,
// most of the time, so that nothing of that goes in, not even to be unwrapped.
func (k *Key[T]) invalid(text string, err error) error {
	if k.redacted() {
		return fmt.Errorf("env: %s=‹redacted›: invalid value", k.Name())
	}
	return fmt.Errorf("env: %s=%q: %w", k.Name(), text, err)
}

// redacted says whether the options had scope.Redacted.
func (k *Key[T]) redacted() bool { return engine.Redacted(k.key) }
