package propagation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// An Entry is a value that may travel. [Allow] makes one for a key. Other packages make
// entries for more than one key. Its methods may be called from any goroutine.
//
// If an entry also has a method Err() error, [New] returns its error.
type Entry interface {
	// Name returns the name of the entry on the wire. It must return the same name each
	// time.
	Name() string

	// Encode returns the text for what the scope that decides for ctx binds. If ok is
	// false, the scope binds nothing, and nothing travels.
	Encode(ctx context.Context) (text string, ok bool, err error)

	// Decode returns a binding for a text. The text comes from a token with a valid
	// signature, but it may be of another version.
	Decode(text string) (scope.Binding, error)
}

// A named is an entry with the result of its Name.
type named struct {
	name string
	Entry
}

// A Codec writes values of type T as text, and reads them. Both functions are needed, and
// may be called from any goroutine.
type Codec[T any] struct {
	Encode func(T) (string, error)
	Decode func(string) (T, error)
}

// Text is the codec of strings. It does not change them.
var Text = Codec[string]{
	Encode: func(s string) (string, error) { return s, nil },
	Decode: func(s string) (string, error) { return s, nil },
}

// JSON is a codec that writes values as package json does.
func JSON[T any]() Codec[T] {
	return Codec[T]{
		Encode: func(v T) (string, error) {
			text, err := json.Marshal(v)
			return string(text), err
		},
		Decode: func(text string) (v T, err error) {
			err = json.Unmarshal([]byte(text), &v)
			return v, err
		},
	}
}

// Allow returns an entry that lets a key's values travel, under the key's name. Only
// values that a scope binds travel: the default does not.
//
// A redacted key can't be allowed, because anyone who sees a token can read it. [New]
// returns the error.
func Allow[T any](key *scope.Key[T], codec Codec[T]) Entry {
	if key == nil {
		return AllowAs("", key, codec)
	}
	return AllowAs(key.Name(), key, codec)
}

// AllowAs is [Allow] with another name on the wire. Use it if the key was renamed, or if
// another key has the same name.
func AllowAs[T any](name string, key *scope.Key[T], codec Codec[T]) Entry {
	e := &keyEntry[T]{name, key, codec, nil}
	switch {
	case key == nil:
		e.invalid = errors.New("a nil key")
	case codec.Encode == nil || codec.Decode == nil:
		e.invalid = errors.New("a codec needs Encode and Decode")
	case engine.Redacted(key):
		e.invalid = fmt.Errorf("the key %q is redacted: its values must not travel", key.Name())
	case key.Name() == "httpx.base_url":
		// Compare the name, because package propagation does not import that package.
		// This catches a mistake, not an attack.
		e.invalid = errors.New("a key that says where requests go: use wire.Routes, which checks it")
	}
	return e
}

type keyEntry[T any] struct {
	name    string
	key     *scope.Key[T]
	codec   Codec[T]
	invalid error
}

func (e *keyEntry[T]) Name() string { return e.name }

func (e *keyEntry[T]) Err() error { return e.invalid }

func (e *keyEntry[T]) Encode(ctx context.Context) (text string, ok bool, err error) {
	if e.invalid != nil {
		return "", false, e.invalid
	}
	v, ok := scope.Lookup(ctx, e.key)
	if !ok {
		return "", false, nil
	}
	text, err = e.codec.Encode(v)
	return text, err == nil, err
}

func (e *keyEntry[T]) Decode(text string) (scope.Binding, error) {
	if e.invalid != nil {
		return scope.Binding{}, e.invalid
	}
	v, err := e.codec.Decode(text)
	if err != nil {
		return scope.Binding{}, err
	}
	return e.key.Bind(v), nil
}
