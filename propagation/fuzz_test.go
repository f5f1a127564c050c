package propagation_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// Whatever a header holds, and whatever a peer that has the secret signs: what
// is accepted is one token with a right signature, what is refused is refused
// for a reason that has a name, and the context is then as it was.
func FuzzExtract(f *testing.F) {
	p := newPropagator(f)
	now := time.Now()
	token := inject(f, p, scope.With(f.Context(), tenant.Bind("acme"), limits.Bind(limit{1, 2})))
	for _, s := range []string{
		token, token[:len(token)-1], token + "=", token + "\n", token + "," + token, "2" + token[1:], "1.b" + token[3:],
		"", ".", "...", "1.a..", "1.a." + strings.Repeat("A", 100), strings.Repeat("1.a.", 2000), "1.a.\xff.\x00",
	} {
		f.Add(s, []byte(nil), uint8(1))
	}
	f.Add(token, []byte(nil), uint8(2))
	f.Add(token, []byte(nil), uint8(0))
	for _, b := range [][]byte{
		payload(now, 60, "tenant", "acme"), payload(now, 60, "limits", `{"Requests":1}`), payload(now, 60, "limits", `[`),
		payload(now, 60, "tenant"), payload(now, 1<<39), payload(time.Unix(0, 0), 60), payload(now.Add(time.Hour), 60),
		{0xff}, {1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01},
	} {
		f.Add("", b, uint8(1))
	}
	f.Fuzz(func(t *testing.T, token string, signed []byte, copies uint8) {
		if len(signed) > 0 {
			token = sign(t, signed)
		}
		c := propagation.HeaderCarrier{"Scope-Context": slices.Repeat([]string{token}, int(copies%4))}
		ctx, err := p.Extract(context.Background(), c)
		switch {
		case copies%4 == 0:
			if err != nil || ctx != context.Background() {
				t.Fatalf("no header: %v, %v", ctx, err)
			}
		case err != nil:
			if !slices.ContainsFunc(reasons, func(r error) bool { return errors.Is(err, r) }) || ctx != context.Background() {
				t.Fatalf("refused: %v, %v", ctx, err)
			}
			if len(err.Error()) > 1000 {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
		case copies%4 != 1 || len(token) > propagation.MaxToken || !genuine(t, token):
			t.Fatalf("accepted: %q, %d times", token, copies%4)
		default: // what was accepted can be sent on
			if err := p.Inject(ctx, propagation.MapCarrier{}); err != nil && !errors.Is(err, propagation.ErrTooLarge) {
				t.Fatalf("%q: %v", token, err)
			}
		}
	})
}

var reasons = []error{
	propagation.ErrSeveral, propagation.ErrTooLarge, propagation.ErrMalformed, propagation.ErrVersion, propagation.ErrUnknownSecret,
	propagation.ErrSignature, propagation.ErrExpired, propagation.ErrEarly, propagation.ErrAudience, propagation.ErrValue,
}

// genuine says whether a token is what its payload would have been signed to.
func genuine(tb testing.TB, token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 4 {
		return false
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[2])
	return err == nil && sign(tb, b) == token
}
