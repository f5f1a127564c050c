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

// A Secret signs tokens and checks them. It has an id, which tokens name, so that secrets
// can be rotated. Its key is never printed. [New] refuses the zero Secret.
type Secret struct {
	id  string
	key func() []byte // a function, because no printing verb or encoder looks into it
}

// MinKey is the smallest number of bytes of a [Secret]'s key.
const MinKey = 32

// NewSecret returns a secret. id has up to 32 letters, digits, "-" and "_". It is not
// secret, because tokens show it. key has at least [MinKey] bytes from a good random
// source, such as crypto/rand. NewSecret copies it. If id or key is wrong, [New] returns
// the error.
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

// A signer makes and checks signatures with one secret. It keeps prepared HMACs, because
// preparing one costs more than using it.
type signer struct {
	prefix  string // the version and the id, with which every token begins that it signs
	id      string
	scratch sync.Pool // of *scratch
}

// A scratch has the memory for making or checking one token.
type scratch struct {
	mac     hash.Hash
	text    []byte // the token
	payload []byte
	sum     [sha256.Size]byte
}

// purpose separates the signing key from other keys that are derived from the same
// secret. It is a part of the format.
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

// encoding is base64url. It accepts only one text for each value.
var encoding = base64.RawURLEncoding.Strict()

// signature is the length of a signature's text.
var signature = encoding.EncodedLen(sha256.Size)

// appendSignature appends the signature of w.text's first n bytes to w.text. Signatures
// are compared as text, so each has only one valid text.
func (w *scratch) appendSignature(n int) []byte {
	w.mac.Reset()
	w.mac.Write(w.text[:n])
	return encoding.AppendEncode(w.text, w.mac.Sum(w.sum[:0]))
}
