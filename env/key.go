package env

import (
	"context"
	"fmt"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// A Key is a value of type T that scopes can bind. If no scope binds it, its value is
// that of an environment variable. Keys are usually package-level variables, made with
// [NewKey]. The methods of a Key may be called from any goroutine, if the function that
// parses may.
//
// A Key is not a [scope.Key] with a lazy default. Such a default gets no context, so for
// a caller that passes another scope it would read the goroutine's variable. It also
// could not report a value that is malformed.
type Key[T any] struct {
	key   *scope.Key[T]
	parse func(string) (T, error)
}

// NewKey returns a key with the value of a variable. parse is a function such as
// strconv.Atoi, time.ParseDuration or url.Parse. If the variable is not set, the value is
// def. The options are those of a [scope.Key]. With [scope.Redacted], no error shows the
// variable's value.
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

// Bind returns the binding of the key to v. A bound value counts before the variable, and
// does not change the variable.
func (k *Key[T]) Bind(v T) scope.Binding { return k.key.Bind(v) }

// Get returns the value that the scope that decides for ctx binds to the key. If it binds
// none, Get returns the parsed value of the variable that [Lookup] finds, or else the
// default. It reads and parses the variable at each call, so it sees every change. A
// variable that is set to "" is parsed too.
//
// If the value can't be parsed, Get returns an error that names the variable, and v is
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

// Explain says why [Key.Get] returns what it does. See [scope.Explain] for a bound value,
// and the function [Explain] for the variable.
func (k *Key[T]) Explain(ctx context.Context) string {
	if _, ok := scope.Lookup(ctx, k.key); ok {
		return scope.Explain(ctx, k.key)
	}
	return Explain(ctx, k.Name())
}

// invalid returns the error of Get. The error of parse usually quotes the value. If the
// key is redacted, nothing of that error goes into the result, not even for
// errors.Unwrap.
func (k *Key[T]) invalid(text string, err error) error {
	if k.redacted() {
		return fmt.Errorf("env: %s=‹redacted›: invalid value", k.Name())
	}
	return fmt.Errorf("env: %s=%q: %w", k.Name(), text, err)
}

// redacted reports whether scope.Redacted is among the options.
func (k *Key[T]) redacted() bool { return engine.Redacted(k.key) }
