package readme

import (
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/wire"
	"github.com/scopetree/scope/propagation"
)

// Tenant is whose request it is.
var Tenant = scope.NewKey("tenant", "nobody")

// clusterNetworks are the networks that the cluster's names stand for.
var clusterNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}

// newPropagator says what may travel, in one place for all services. secret is
// what openssl rand -base64 32 has printed.
func newPropagator(secret string) (*propagation.Propagator, error) {
	key, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		return nil, err
	}
	return propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("2026-11", key)},
		Audience: "staging",
		Allow: []propagation.Entry{
			propagation.Allow(Tenant, propagation.Text),
			propagation.Allow(httpx.Unrouted, propagation.JSON[httpx.Policy]()),
			wire.Routes(wire.Destination{
				Host:     "*.preview.internal:8080",     // where routes may lead,
				From:     []string{"payments.internal"}, // whose requests may go there,
				Networks: clusterNetworks,               // and what the name may stand for
			}),
		},
	})
}

func TestPropagation(t *testing.T) {
	t.Parallel()
	random := make([]byte, 32)
	rand.Read(random)
	p, err := newPropagator(base64.StdEncoding.EncodeToString(random))
	require.NoError(t, err)
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, scope.Get(r.Context(), Tenant)+", "+scope.Get(r.Context(), httpx.Unrouted).String())
	})

	handler := p.Middleware(app, propagation.Refuse) // in: a token that is refused is a bad request

	orders := httptest.NewServer(handler)
	defer orders.Close()
	own := new(http.Transport)
	defer own.CloseIdleConnections()

	client := &http.Client{Transport: &propagation.Transport{ // out
		Propagator: p,
		To:         map[string]string{"orders.internal": ""}, // who gets a token, for which audience: "" is p's own
		Base:       httpx.Wrap(own),                          // what routes comes after that
	}}

	ctx := scope.With(t.Context(), Tenant.Bind("acme"), httpx.Unrouted.Bind(httpx.Refuse), httpx.Route("orders.internal", orders.URL))
	req, err := http.NewRequestWithContext(ctx, "GET", "http://orders.internal/", nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "acme, Refuse", string(got))
}
