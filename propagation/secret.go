package propagation

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
)

// A Secret signs tokens and checks them. It has an id, which a token names, so
// that secrets can be rotated. Its key is never printed. The zero Secret is
// refused by [New].
type Secret struct {
	id  string
	key func() []byte // behind a function, which no printing verb or encoder looks into
}

// MinKey is how many bytes the key of a [Secret] has at least.
const MinKey = 32

// NewSecret returns a secret. Its id is made of up to 32 letters, digits, "-"
// and "_", and is no secret: tokens show it. key is at least [MinKey] bytes
// from a good random source, such as crypto/rand, and is copied. [New] says
// what is wrong with either.
func NewSecret(id string, key []byte) Secret {
	key = bytes.Clone(key)
	return Secret{id, func() []byte { return key }}
}

// String returns the secret's id.
func (s Secret) String() string { return s.id }

func (s Secret) check() error {
	switch {
	case s.key == nil:
		return errors.New("a zero Secret: use NewSecret")
	case s.id == "" || len(s.id) > 32 || strings.Trim(s.id, idBytes) != "":
		return fmt.Errorf("secret %q: an id has 1 to 32 letters, digits, - and _", s.id)
	case len(s.key()) < MinKey:
		return fmt.Errorf("secret %q: its key has %d bytes, want at least %d", s.id, len(s.key()), MinKey)
	}
	return nil
}

const idBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// A signer makes and checks signatures with one secret. To prepare an HMAC
// costs more than to use it, so they are kept.
type signer struct {
	prefix  string // of every token that it signs: the version and the id
	id      string
	scratch sync.Pool // of *scratch
}

// scratch is what making or checking one token needs.
type scratch struct {
	mac     hash.Hash
	text    []byte // the token
	payload []byte
	sum     [sha256.Size]byte
}

// purpose tells the key that signs from others that are made of the same
// secret. It is part of the format.
const purpose = "github.com/scopetree/scope/propagation 1"

func newSigner(s Secret) (*signer, error) {
	key, err := hkdf.Key(sha256.New, s.key(), nil, purpose, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("secret %q: %w", s.id, err)
	}
	made := &signer{prefix: version + "." + s.id + ".", id: s.id}
	made.scratch.New = func() any { return &scratch{mac: hmac.New(sha256.New, key)} }
	return made, nil
}

func (s *signer) get() *scratch  { return s.scratch.Get().(*scratch) }
func (s *signer) put(w *scratch) { s.scratch.Put(w) }

// encoding takes one form of each value and no other.
var encoding = base64.RawURLEncoding.Strict()

// signature is how many bytes the text of one has.
var signature = encoding.EncodedLen(sha256.Size)

// appendSignature appends the signature of w.text's first n bytes to it. It is
// compared as text, so that there is one text for it.
func (w *scratch) appendSignature(n int) []byte {
	w.mac.Reset()
	w.mac.Write(w.text[:n])
	return encoding.AppendEncode(w.text, w.mac.Sum(w.sum[:0]))
}
