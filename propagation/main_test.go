package propagation_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	tenant = scope.NewKey("tenant", "nobody")
	region = scope.NewKey("region", "nowhere")
	limits = scope.NewKey("limits", limit{})
)

type limit struct{ Requests, Bytes int }

// key returns a key for signing that is different for each letter.
func key(letter string) []byte { return []byte(strings.Repeat(letter, propagation.MinKey)) }

// newPropagator returns one that lets all the keys above travel to "staging",
// for an hour, after change.
func newPropagator(tb testing.TB, change ...func(*propagation.Config)) *propagation.Propagator {
	tb.Helper()
	c := propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("a", key("a"))},
		Audience: "staging",
		Allow: []propagation.Entry{
			propagation.Allow(tenant, propagation.Text),
			propagation.Allow(region, propagation.Text),
			propagation.Allow(limits, propagation.JSON[limit]()),
		},
		Lifetime: time.Hour,
	}
	for _, f := range change {
		f(&c)
	}
	p, err := propagation.New(c)
	require.NoError(tb, err)
	return p
}

func secrets(ids ...string) func(*propagation.Config) {
	return func(c *propagation.Config) {
		c.Secrets = nil
		for _, id := range ids {
			c.Secrets = append(c.Secrets, propagation.NewSecret(id, key(id[:1])))
		}
	}
}

func audience(s string) func(*propagation.Config) {
	return func(c *propagation.Config) { c.Audience = s }
}

func allow(entries ...propagation.Entry) func(*propagation.Config) {
	return func(c *propagation.Config) { c.Allow = entries }
}

// inject returns the token for ctx, which must be there.
func inject(tb testing.TB, p *propagation.Propagator, ctx context.Context) string {
	tb.Helper()
	c := propagation.MapCarrier{}
	require.NoError(tb, p.Inject(ctx, c))
	require.Contains(tb, c, propagation.Header)
	return c[propagation.Header]
}

// extract returns what p makes of a token, over a context without a scope.
func extract(p *propagation.Propagator, token string) (context.Context, error) {
	return p.Extract(context.Background(), propagation.MapCarrier{propagation.Header: token})
}

// assertRefused asserts that p refuses a token for one reason, and that the
// context comes back as it was.
func assertRefused(tb testing.TB, p *propagation.Propagator, token string, why error) {
	tb.Helper()
	ctx, err := extract(p, token)
	assert.ErrorIs(tb, err, why)
	assert.Equal(tb, context.Background(), ctx)
	if err != nil && len(token) > 8 {
		assert.NotContains(tb, err.Error(), token)
	}
}

// acme is a scope that binds the tenant.
func acme(tb testing.TB) context.Context { return scope.Set(tb.Context(), tenant, "acme") }
