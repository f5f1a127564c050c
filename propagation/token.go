package propagation

import (
	"cmp"
	"context"
	"crypto/hmac"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/scopetree/scope"
)

// A token is
//
//	1.<id of the secret>.<payload>.<signature>
//
// with payload and signature in unpadded base64url. The signature is over all
// that stands before its dot. The payload is
//
//	when it was issued: seconds since 1970   uvarint
//	how many seconds it is good for          uvarint
//	the audience                             text
//	name and value of each entry             text, text
//
// where a text is its length as a uvarint, and then its bytes. Nothing of the
// payload is looked at before the signature is found to be right.
const version = "1"

// MaxToken is the largest number of bytes of a token. It is well below the 8192 bytes
// that many servers accept for all headers together.
const MaxToken = 4096

// token returns the token for ctx's scope, or "" if there is nothing to send. An empty
// audience means p's own.
func (p *Propagator) token(ctx context.Context, audience string) (string, error) {
	if p == nil || len(p.signers) == 0 {
		return "", nil
	}
	if err := scope.Err(ctx); err != nil {
		return "", fmt.Errorf("propagation: %w", err)
	}
	s := p.signers[0]
	w := s.get()
	defer s.put(w)
	b := binary.AppendUvarint(w.payload[:0], uint64(p.now().Unix()))
	b = binary.AppendUvarint(b, uint64(p.seconds))
	b = appendText(b, cmp.Or(audience, p.audience))
	empty := len(b)
	for i := range p.entries {
		e := &p.entries[i]
		text, ok, err := e.Encode(ctx)
		if err != nil {
			return "", fmt.Errorf("propagation: %q: %w", e.name, err)
		}
		if !ok {
			continue
		}
		if len(b)+len(e.name)+len(text) > MaxToken {
			return "", fmt.Errorf("%w: %q does not fit into %d bytes", ErrTooLarge, e.name, MaxToken)
		}
		b = appendText(appendText(b, e.name), text)
	}
	w.payload = b
	if len(b) == empty {
		return "", nil
	}
	w.text = encoding.AppendEncode(append(w.text[:0], s.prefix...), b)
	signed := len(w.text)
	w.text = append(w.text, '.')
	w.text = w.appendSignature(signed)
	if len(w.text) > MaxToken {
		return "", fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(w.text), MaxToken)
	}
	return string(w.text), nil
}

// open appends the bindings of a token to b, or returns the reason why the token is
// refused.
func (p *Propagator) open(token string, b []scope.Binding) ([]scope.Binding, error) {
	if len(token) > MaxToken {
		return nil, ErrTooLarge
	}
	if strings.Contains(token, ",") { // header lines that a proxy has joined (RFC 9110 section 5.3)
		return nil, ErrSeveral
	}
	v, rest, dotted := strings.Cut(token, ".")
	if !dotted {
		return nil, ErrMalformed
	}
	if v != version {
		return nil, ErrVersion
	}
	id, rest, _ := strings.Cut(rest, ".")
	payload := strings.IndexByte(rest, '.')
	if payload < 0 || len(rest)-payload-1 != signature {
		return nil, ErrMalformed
	}
	s := p.signer(id)
	if s == nil {
		return nil, ErrUnknownSecret
	}
	w := s.get()
	defer s.put(w)
	w.text = append(w.text[:0], token...)
	signed := len(w.text) - signature - 1
	w.text = w.appendSignature(signed)
	if !hmac.Equal(w.text[signed+1:len(token)], w.text[len(token):]) {
		return nil, ErrSignature
	}
	var err error
	w.payload, err = encoding.AppendDecode(w.payload[:0], w.text[len(s.prefix):signed])
	if err != nil {
		return nil, ErrMalformed
	}
	return p.read(cursor{rest: w.payload}, b)
}

// read appends the bindings of a payload. Its signature has been checked.
func (p *Propagator) read(c cursor, b []scope.Binding) ([]scope.Binding, error) {
	issued, seconds, audience := c.number(), c.number(), c.text()
	if c.bad {
		return nil, ErrMalformed
	}
	if err := p.timely(p.now(), int64(issued), int64(seconds)); err != nil {
		return nil, err
	}
	if string(audience) != p.audience {
		return nil, ErrAudience
	}
	for len(c.rest) > 0 {
		name, text := c.text(), c.text()
		if c.bad {
			return nil, ErrMalformed
		}
		e, ok := p.byName[string(name)]
		if !ok {
			continue // an entry of a newer peer
		}
		binding, err := e.Decode(string(text))
		if err != nil {
			return nil, fmt.Errorf("%w: %q: %w", ErrValue, e.name, err)
		}
		b = append(b, binding)
	}
	return b, nil
}

// timely checks that now is in the time of a token. The token is valid as long as its
// sender says, but no longer than our own lifetime.
func (p *Propagator) timely(now time.Time, issued, seconds int64) error {
	from := time.Unix(issued, 0)
	until := from.Add(time.Duration(min(seconds, p.seconds)) * time.Second)
	switch {
	case now.Before(from.Add(-p.skew)):
		return ErrEarly
	case !now.Before(until.Add(p.skew)):
		return ErrExpired
	}
	return nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// A cursor reads a payload. When something is missing, the cursor becomes bad, and all
// further reads return empty values.
type cursor struct {
	rest []byte
	bad  bool
}

// number reads a uvarint. It accepts no number so large that sums of a few numbers
// overflow.
func (c *cursor) number() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 || v >= 1<<40 {
		c.rest, c.bad = nil, true
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *cursor) text() []byte {
	n := c.number()
	if n > uint64(len(c.rest)) {
		c.rest, c.bad = nil, true
		return nil
	}
	text := c.rest[:n]
	c.rest = c.rest[n:]
	return text
}
