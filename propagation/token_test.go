package propagation_test

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// sign returns a token with a payload, signed with secret "a", made after
// docs/propagation.md and with nothing of the package.
func sign(tb testing.TB, payload []byte) string {
	tb.Helper()
	k, err := hkdf.Key(sha256.New, key("a"), nil, "github.com/scopetree/scope/propagation 1", 32)
	require.NoError(tb, err)
	text := "1.a." + base64.RawURLEncoding.EncodeToString(payload)
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// payload returns one that was issued at a time, for "staging".
func payload(issued time.Time, seconds uint64, texts ...string) []byte {
	b := binary.AppendUvarint(nil, uint64(issued.Unix()))
	b = binary.AppendUvarint(b, seconds)
	for _, s := range append([]string{"staging"}, texts...) {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

func TestTheTokenIsAsDocumented(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the same second for both
		want := sign(t, payload(time.Now(), 3600, "tenant", "acme", "region", "eu"))
		got := inject(t, newPropagator(t), scope.With(t.Context(), region.Bind("eu"), tenant.Bind("acme")))
		assert.Equal(t, want, got)
		assert.Empty(t, strings.Trim(got, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."))
	})
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	t.Parallel()
	p := newPropagator(t, secrets("a", "b", "c"))
	token := inject(t, p, scope.With(t.Context(), tenant.Bind("acme"), region.Bind("eu"), limits.Bind(limit{1, 2})))
	_, err := extract(p, token)
	require.NoError(t, err)
	for i := range len(token) {
		for bit := range 8 {
			flipped := []byte(token)
			flipped[i] ^= 1 << bit
			ctx, err := extract(p, string(flipped))
			if err == nil || ctx != context.Background() {
				t.Fatalf("accepted with bit %d of byte %d flipped: %q", bit, i, flipped)
			}
		}
	}
}

func TestATokenThatIsCutLengthenedOrSplicedIsRefused(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	token, other := inject(t, p, acme(t)), inject(t, p, scope.Set(t.Context(), tenant, "evil"))
	for i := range len(token) {
		_, err := extract(p, token[:i])
		require.Error(t, err, "the first %d bytes", i)
		for _, s := range []string{"A", "=", "\n", "\r", " ", "\x00", ".", "é"} {
			_, err := extract(p, token[:i]+s+token[i:])
			require.Error(t, err, "%q after %d bytes", s, i)
		}
	}
	for _, s := range []string{"A", "=", "\n", ".", token, "." + token} {
		_, err := extract(p, token+s)
		assert.Error(t, err, "%q after it", s)
	}
	dot, otherDot := strings.LastIndex(token, "."), strings.LastIndex(other, ".")
	assertRefused(t, p, token[:dot]+other[otherDot:], propagation.ErrSignature)
	assertRefused(t, p, other[:otherDot]+token[dot:], propagation.ErrSignature)
}

func TestAnErrorSaysWhy(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	token := inject(t, p, acme(t))
	now := time.Now()
	large := uint64(1<<63 - 1)
	for name, tt := range map[string]struct {
		token string
		want  error
	}{
		"empty":                {"", propagation.ErrMalformed},
		"no dot":               {"hello", propagation.ErrMalformed},
		"no payload":           {"1.a", propagation.ErrMalformed},
		"no signature":         {"1.a.AAAA", propagation.ErrMalformed},
		"a short signature":    {token[:len(token)-1], propagation.ErrMalformed},
		"another version":      {"2" + token[1:], propagation.ErrVersion},
		"a version with zeros": {"01" + token[1:], propagation.ErrVersion},
		"another secret":       {"1.b" + token[3:], propagation.ErrUnknownSecret},
		"two in one":           {token + "," + token, propagation.ErrSeveral},
		"too large":            {token + strings.Repeat("A", propagation.MaxToken), propagation.ErrTooLarge},
		"large and no token":   {strings.Repeat("A", propagation.MaxToken+1), propagation.ErrTooLarge},

		// Signed, so these are mistakes of a peer, or of a version to come.
		"no payload, signed":      {sign(t, nil), propagation.ErrMalformed},
		"no audience":             {sign(t, payload(now, 60)[:7]), propagation.ErrMalformed},
		"issued beyond all time":  {sign(t, binary.AppendUvarint(nil, large)), propagation.ErrMalformed},
		"good for ever":           {sign(t, payload(now, large)), propagation.ErrMalformed},
		"a name and no value":     {sign(t, payload(now, 60, "tenant")), propagation.ErrMalformed},
		"a text beyond the end":   {sign(t, append(payload(now, 60), 0xff, 0xff, 0xff, 0x7f)), propagation.ErrMalformed},
		"a length without end":    {sign(t, append(payload(now, 60), 0xff, 0xff)), propagation.ErrMalformed},
		"a value of another type": {sign(t, payload(now, 60, "limits", "[]")), propagation.ErrValue},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assertRefused(t, p, tt.token, tt.want)
		})
	}
}

func TestATokenHasItsTime(t *testing.T) {
	t.Parallel()
	const lifetime, skew = time.Minute, 3 * time.Second
	synctest.Test(t, func(t *testing.T) {
		p := newPropagator(t, func(c *propagation.Config) { c.Lifetime, c.Skew = lifetime, skew })
		token := inject(t, p, acme(t))
		time.Sleep(lifetime + skew - 1) // a bubble's clock: no time passes
		_, err := extract(p, token)
		assert.NoError(t, err, "to the end")
		time.Sleep(time.Nanosecond)
		assertRefused(t, p, token, propagation.ErrExpired)
		time.Sleep(1000 * time.Hour)
		assertRefused(t, p, token, propagation.ErrExpired)
	})
	synctest.Test(t, func(t *testing.T) {
		p := newPropagator(t, func(c *propagation.Config) { c.Lifetime, c.Skew = lifetime, skew })
		ahead := sign(t, payload(time.Now().Add(skew), 60, "tenant", "acme"))
		_, err := extract(p, ahead)
		assert.NoError(t, err, "a clock that is ahead by what it may be")
		assertRefused(t, p, sign(t, payload(time.Now().Add(skew+time.Second), 60)), propagation.ErrEarly)

		strict := newPropagator(t, func(c *propagation.Config) { c.Skew = -1 })
		assertRefused(t, strict, ahead, propagation.ErrEarly)
		none := newPropagator(t, func(c *propagation.Config) { c.Skew = -time.Minute })
		_, err = extract(none, inject(t, none, acme(t)))
		assert.NoError(t, err, "less than none is none")
		normal := newPropagator(t)
		_, err = extract(normal, sign(t, payload(time.Now().Add(propagation.DefaultSkew), 60)))
		assert.NoError(t, err, "the default")
	})
}

func TestAReplayFindsWhatWasFoundAtFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, began := newPropagator(t), time.Now()
		replaying := p.At(func() time.Time { return began })
		token := inject(t, p, acme(t))
		time.Sleep(1000 * time.Hour)
		assertRefused(t, p, token, propagation.ErrExpired)
		_, err := extract(replaying, token)
		assert.NoError(t, err)
		assert.Equal(t, token, inject(t, replaying, acme(t)))
		assert.Nil(t, (*propagation.Propagator)(nil).At(time.Now))
	})
}

func TestNoSenderMakesATokenLastLongerThanItIsAcceptedHere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := newPropagator(t, func(c *propagation.Config) { c.Lifetime = 24 * time.Hour })
		usual := newPropagator(t, func(c *propagation.Config) { c.Lifetime = 0 })
		token := inject(t, long, acme(t))
		time.Sleep(propagation.DefaultLifetime + propagation.DefaultSkew)
		assertRefused(t, usual, token, propagation.ErrExpired)
		_, err := extract(long, token)
		assert.NoError(t, err)
	})
}

// Serial: allocations are counted process-wide.
func TestHostileTokensAllocateNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p := newPropagator(t)
	token := inject(t, p, acme(t))
	for name, s := range map[string]string{
		"16 MiB":          strings.Repeat("A", 16<<20),
		"16 MiB of dots":  strings.Repeat(".", 16<<20),
		"as large as may": strings.Repeat("A", propagation.MaxToken),
		"4096 dots":       "1.a" + strings.Repeat(".", propagation.MaxToken-3),
		"forged":          token[:len(token)-1] + "!",
		"unknown secret":  "1.zz" + token[3:],
		"a huge length":   sign(t, append(payload(time.Now(), 60), 0xff, 0xff, 0xff, 0xff, 0x0f)),
	} {
		c := propagation.HeaderCarrier{"Scope-Context": {s}}
		got := testing.AllocsPerRun(100, func() {
			if _, err := p.Extract(t.Context(), c); err == nil {
				t.Error("accepted")
			}
		})
		assert.LessOrEqual(t, got, 1.0, name) // the carrier, as an interface
	}
}
