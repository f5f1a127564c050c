package propagation_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

func TestWhatIsAllowedTravels(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	ctx := scope.With(t.Context(), tenant.Bind("acme"), region.Bind(""), limits.Bind(limit{3, 4}))
	ctx, err := extract(p, inject(t, p, ctx))
	require.NoError(t, err)
	assert.Equal(t, "acme", scope.Get(ctx, tenant))
	assert.Equal(t, limit{3, 4}, scope.Get(ctx, limits))
	got, ok := scope.Lookup(ctx, region)
	assert.True(t, ok, "an empty value is bound")
	assert.Empty(t, got)
}

func TestNothingElseTravels(t *testing.T) {
	t.Parallel()
	private := scope.NewKey("private", "")
	p := newPropagator(t)
	all := newPropagator(t, allow(propagation.Allow(tenant, propagation.Text), propagation.Allow(private, propagation.Text)))
	ctx, err := extract(all, inject(t, p, scope.Set(acme(t), private, "x")))
	require.NoError(t, err)
	assert.Equal(t, "acme", scope.Get(ctx, tenant))
	_, ok := scope.Lookup(ctx, private)
	assert.False(t, ok)
}

func TestDefaultsStayAtHome(t *testing.T) {
	t.Parallel()
	c := propagation.MapCarrier{}
	require.NoError(t, newPropagator(t).Inject(t.Context(), c))
	assert.Empty(t, c)
}

func TestTheGoroutinesScopeTravels(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	scope.Run(acme(t), func(context.Context) {
		assert.NotEmpty(t, inject(t, p, context.Background()))
	})
}

func TestWhatArrivesIsBoundOverTheScopeThatIsThere(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	own := scope.With(t.Context(), tenant.Bind("own"), region.Bind("own"))
	ctx, err := p.Extract(own, propagation.MapCarrier{propagation.Header: inject(t, p, acme(t))})
	require.NoError(t, err)
	assert.Equal(t, "acme", scope.Get(ctx, tenant))
	assert.Equal(t, "own", scope.Get(ctx, region))
}

func TestValuesForUnknownNamesAreIgnored(t *testing.T) {
	t.Parallel()
	old := newPropagator(t, allow(propagation.Allow(region, propagation.Text)))
	token := inject(t, newPropagator(t), scope.With(t.Context(), tenant.Bind("acme"), region.Bind("eu")))
	ctx, err := extract(old, token)
	require.NoError(t, err)
	assert.Equal(t, "eu", scope.Get(ctx, region))
	assert.Equal(t, "nobody", scope.Get(ctx, tenant))
}

func TestAKeyTravelsUnderAnotherName(t *testing.T) {
	t.Parallel()
	customer := scope.NewKey("customer", "")
	renamed := newPropagator(t, allow(propagation.AllowAs("tenant", customer, propagation.Text)))
	ctx, err := extract(renamed, inject(t, newPropagator(t), acme(t)))
	require.NoError(t, err)
	assert.Equal(t, "acme", scope.Get(ctx, customer))
}

func TestWithoutASecretNothingIsSentOrAccepted(t *testing.T) {
	t.Parallel()
	token := inject(t, newPropagator(t), acme(t))
	for name, p := range map[string]*propagation.Propagator{
		"nil":        nil,
		"zero":       {},
		"no secrets": newPropagator(t, secrets()),
		"another":    newPropagator(t, secrets()).For("x"),
	} {
		c := propagation.MapCarrier{}
		assert.NoError(t, p.Inject(acme(t), c), name)
		assert.Empty(t, c, name)
		assertRefused(t, p, token, propagation.ErrUnknownSecret)
		ctx, err := p.Extract(t.Context(), c)
		assert.NoError(t, err, name)
		assert.Equal(t, t.Context(), ctx, name)
	}
}

func TestAnEndedScopeIsNotSent(t *testing.T) {
	t.Parallel()
	ctx, end := scope.New(t.Context(), "Outlived")
	ctx = scope.Set(ctx, tenant, "acme")
	end()
	c := propagation.MapCarrier{}
	err := newPropagator(t).Inject(ctx, c)
	assert.ErrorIs(t, err, scope.ErrEnded)
	assert.EqualError(t, err, `propagation: scope "Outlived" has ended`)
	assert.Empty(t, c)
}

func TestWhatIsTooLargeIsNotSent(t *testing.T) {
	t.Parallel()
	p, c := newPropagator(t), propagation.MapCarrier{}
	fits := 0
	for n := 2900; n <= 3100; n++ {
		token := propagation.MapCarrier{}
		if err := p.Inject(scope.Set(t.Context(), tenant, strings.Repeat("x", n)), token); err == nil {
			fits = n
			assert.LessOrEqual(t, len(token[propagation.Header]), propagation.MaxToken)
			_, err := extract(p, token[propagation.Header])
			assert.NoError(t, err)
		}
	}
	assert.Positive(t, fits)
	for _, n := range []int{fits + 1, 1 << 20} {
		err := p.Inject(scope.Set(t.Context(), tenant, strings.Repeat("x", n)), c)
		assert.ErrorIs(t, err, propagation.ErrTooLarge)
		assert.Less(t, len(err.Error()), 200)
	}
	assert.Empty(t, c)
}

func TestAnErrorNamesTheEntry(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	fails := newPropagator(t, allow(propagation.Allow(tenant, propagation.Codec[string]{
		Encode: func(string) (string, error) { return "", broken },
		Decode: func(string) (string, error) { return "", broken },
	})))
	c := propagation.MapCarrier{}
	err := fails.Inject(acme(t), c)
	assert.ErrorIs(t, err, broken)
	assert.EqualError(t, err, `propagation: "tenant": broken`)
	assert.Empty(t, c)

	token := inject(t, newPropagator(t), scope.With(t.Context(), tenant.Bind("acme"), region.Bind("eu")))
	_, err = extract(fails, token)
	assert.ErrorIs(t, err, broken)
	assert.EqualError(t, err, `propagation: the token has a value that is refused: "tenant": broken`)
	assertRefused(t, fails, token, propagation.ErrValue)
}

func TestATokenIsForOneAudience(t *testing.T) {
	t.Parallel()
	staging, orders := newPropagator(t), newPropagator(t, audience("orders"))
	assertRefused(t, orders, inject(t, staging, acme(t)), propagation.ErrAudience)
	toOrders := inject(t, staging.For("orders"), acme(t))
	assertRefused(t, staging, toOrders, propagation.ErrAudience)
	_, err := extract(orders, toOrders)
	assert.NoError(t, err)
	_, err = extract(staging, inject(t, staging.For(""), acme(t)))
	assert.NoError(t, err, "its own")
	assertRefused(t, newPropagator(t, audience("order")), toOrders, propagation.ErrAudience)
}

func TestSecretsAreRotatedWithoutRefusingAToken(t *testing.T) {
	t.Parallel()
	steps := []*propagation.Propagator{
		newPropagator(t, secrets("a")),
		newPropagator(t, secrets("a", "b")), // all know the new one
		newPropagator(t, secrets("b", "a")), // it signs
		newPropagator(t, secrets("b")),      // the old one is gone
	}
	for i, p := range steps {
		for _, j := range []int{i - 1, i, i + 1} { // a deployment has two steps at a time
			if j < 0 || j >= len(steps) {
				continue
			}
			_, err := extract(steps[j], inject(t, p, acme(t)))
			assert.NoError(t, err, "step %d to step %d", i, j)
		}
	}
	assertRefused(t, steps[3], inject(t, steps[0], acme(t)), propagation.ErrUnknownSecret)
	otherKey := newPropagator(t, func(c *propagation.Config) {
		c.Secrets = []propagation.Secret{propagation.NewSecret("a", key("x"))}
	})
	assertRefused(t, otherKey, inject(t, steps[0], acme(t)), propagation.ErrSignature)
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	secret := propagation.NewSecret("a", key("a"))
	password := scope.NewKey("password", "", scope.Redacted())
	for name, tt := range map[string]struct {
		config propagation.Config
		want   string
	}{
		"short key":       {propagation.Config{Audience: "x", Secrets: []propagation.Secret{propagation.NewSecret("a", key("a")[:31])}}, `secret "a": its key has 31 bytes, want at least 32`},
		"no key":          {propagation.Config{Audience: "x", Secrets: []propagation.Secret{propagation.NewSecret("a", nil)}}, `secret "a": its key has 0 bytes, want at least 32`},
		"zero secret":     {propagation.Config{Audience: "x", Secrets: []propagation.Secret{{}}}, `a zero Secret: use NewSecret`},
		"no id":           {propagation.Config{Audience: "x", Secrets: []propagation.Secret{propagation.NewSecret("", key("a"))}}, `secret "": an id has 1 to 32 letters, digits, - and _`},
		"a dot in the id": {propagation.Config{Audience: "x", Secrets: []propagation.Secret{propagation.NewSecret("a.b", key("a"))}}, `secret "a.b": an id has 1 to 32 letters, digits, - and _`},
		"two ids":         {propagation.Config{Audience: "x", Secrets: []propagation.Secret{secret, secret}}, `two secrets with the id "a"`},
		"no audience":     {propagation.Config{Secrets: []propagation.Secret{secret}}, `no audience`},
		"lifetime":        {propagation.Config{Lifetime: -1}, `lifetime -1ns is not in 0 to 744h0m0s`},
		"a long lifetime": {propagation.Config{Lifetime: math.MaxInt64}, `lifetime 2562047h47m16.854775807s is not in 0 to 744h0m0s`},
		"redacted":        {propagation.Config{Allow: []propagation.Entry{propagation.Allow(password, propagation.Text)}}, `entry "password": the key "password" is redacted: its values must not travel`},
		"base URL":        {propagation.Config{Allow: []propagation.Entry{propagation.Allow(scope.NewKey("httpx.base_url", ""), propagation.Text)}}, `entry "httpx.base_url": a key that says where requests go: use wire.Routes, which checks it`},
		"nil entry":       {propagation.Config{Allow: []propagation.Entry{nil}}, `a nil entry`},
		"nil key":         {propagation.Config{Allow: []propagation.Entry{propagation.Allow(nil, propagation.Text)}}, `entry "": a nil key`},
		"no codec":        {propagation.Config{Allow: []propagation.Entry{propagation.Allow(tenant, propagation.Codec[string]{})}}, `entry "tenant": a codec needs Encode and Decode`},
		"no name":         {propagation.Config{Allow: []propagation.Entry{propagation.AllowAs("", tenant, propagation.Text)}}, `an entry without a name`},
		"two names":       {propagation.Config{Allow: []propagation.Entry{propagation.Allow(tenant, propagation.Text), propagation.AllowAs("tenant", region, propagation.Text)}}, `two entries with the name "tenant"`},
	} {
		p, err := propagation.New(tt.config)
		assert.Nil(t, p, name)
		assert.EqualError(t, err, "propagation: "+tt.want, name)
	}
}

func TestARedactedKeysEntryDoesNothing(t *testing.T) {
	t.Parallel()
	password := scope.NewKey("password", "", scope.Redacted())
	e := propagation.Allow(password, propagation.Text)
	text, ok, err := e.Encode(scope.Set(t.Context(), password, "hunter2"))
	assert.ErrorContains(t, err, "redacted")
	assert.False(t, ok)
	assert.Empty(t, text)
	_, err = e.Decode("hunter2")
	assert.ErrorContains(t, err, "redacted")
}

// All verbs, of all that has a key inside.
func TestKeysAreNotPrinted(t *testing.T) {
	t.Parallel()
	const verbs = "vsqxXdbocU"
	secret := propagation.NewSecret("a", key("k"))
	c := propagation.Config{Secrets: []propagation.Secret{secret}, Audience: "x"}
	p, err := propagation.New(c)
	require.NoError(t, err)
	assert.NotEmpty(t, p)
	for _, v := range []any{secret, &secret, c, &c, p, *p} {
		for _, verb := range verbs {
			for _, flag := range []string{"", "+", "#"} {
				s := strings.ToLower(fmt.Sprintf("%"+flag+string(verb), v))
				for _, leak := range []string{"kkk", "6b6b6b", "6b, 0x6b", "107 107", "153 153", "1101011 1101011"} {
					assert.NotContains(t, s, leak, "%%%s%c of %T", flag, verb, v)
				}
			}
		}
	}
}

func TestAKeyIsCopied(t *testing.T) {
	t.Parallel()
	k := key("a")
	secret := propagation.NewSecret("a", k)
	clear(k)
	p := newPropagator(t, func(c *propagation.Config) { c.Secrets = []propagation.Secret{secret} })
	_, err := extract(newPropagator(t), inject(t, p, acme(t)))
	assert.NoError(t, err)
}

// However many hops there are, and whichever of them adds something, the last
// one reads what the nearest before it has bound.
func TestHopsAreAModelOfOneScope(t *testing.T) {
	t.Parallel()
	keys := []*scope.Key[string]{tenant, region, scope.NewKey("third", "")}
	entries := make([]propagation.Entry, len(keys))
	for i, k := range keys {
		entries[i] = propagation.Allow(k, propagation.Text)
	}
	p := newPropagator(t, allow(entries...))
	rapid.Check(t, func(r *rapid.T) {
		want := map[int]string{}
		ctx := context.Background()
		for range rapid.IntRange(1, 5).Draw(r, "hops") {
			for range rapid.IntRange(0, 3).Draw(r, "bindings") {
				i, v := rapid.IntRange(0, len(keys)-1).Draw(r, "key"), rapid.StringN(0, 20, 80).Draw(r, "value")
				ctx, want[i] = scope.Set(ctx, keys[i], v), v
			}
			c := propagation.MapCarrier{}
			if err := p.Inject(ctx, c); err != nil {
				r.Fatal(err)
			}
			var err error
			if ctx, err = p.Extract(context.Background(), c); err != nil {
				r.Fatal(err)
			}
		}
		for i, k := range keys {
			got, ok := scope.Lookup(ctx, k)
			if v, bound := want[i]; ok != bound || got != v {
				r.Fatalf("%v: got %q, %v, want %q, %v", k, got, ok, v, bound)
			}
		}
	})
}

func TestManyGoroutinesShareAPropagator(t *testing.T) {
	t.Parallel()
	p := newPropagator(t, secrets("a", "b"))
	var wg sync.WaitGroup
	for i := range 8 {
		want := strings.Repeat(strconv.Itoa(i), 10*i)
		ctx := scope.Set(t.Context(), tenant, want)
		wg.Go(func() {
			for range 100 {
				c := propagation.MapCarrier{}
				err := p.Inject(ctx, c)
				got, refused := extract(p, c[propagation.Header])
				if err != nil || refused != nil || scope.Get(got, tenant) != want {
					t.Errorf("%d: %v, %v", i, err, refused)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestALifetimeIsRoundedUpToASecond(t *testing.T) {
	t.Parallel()
	p := newPropagator(t, func(c *propagation.Config) { c.Lifetime = time.Nanosecond })
	_, err := extract(p, inject(t, p, acme(t)))
	assert.NoError(t, err)
}
