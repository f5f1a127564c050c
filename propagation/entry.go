package propagation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// An Entry is something that may travel, made by [Allow] or by a package that
// has more to say than one key can. Its methods may be called from any goroutine.
//
// If it has a method Err() error as well, [New] returns what that says.
type Entry interface {
	// Name is what the entry is called on the wire. It is the same each time.
	Name() string

	// Encode returns the text that stands for what ctx's scope binds. Where
	// ok is false it binds nothing, and nothing travels.
	Encode(ctx context.Context) (text string, ok bool, err error)

	// Decode returns a binding for a text that came with a token whose
	// signature was right. The text may still be of another version.
	Decode(text string) (scope.Binding, error)
}

// named is an entry with its name, which is asked for once.
type named struct {
	name string
	Entry
}

// A Codec is how values of type T are written as text, and read. Both are
// needed, and may be called from any goroutine.
type Codec[T any] struct {
	Encode func(T) (string, error)
	Decode func(string) (T, error)
}

// Text is the codec of strings: each is its own text.
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

// Allow returns an entry that lets a key's values travel, under the key's name.
// Of the scopes that bind the key, that is: its default does not travel.
//
// A redacted key can't be allowed, since whoever sees a token can read it.
// [New] returns the error.
func Allow[T any](key *scope.Key[T], codec Codec[T]) Entry {
	if key == nil {
		return AllowAs("", key, codec)
	}
	return AllowAs(key.Name(), key, codec)
}

// AllowAs is [Allow] with another name on the wire, for a key whose name has
// changed or is another key's too.
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
		// By name, since that package is not below this one: it is a mistake
		// that is caught here, and not an attack.
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
