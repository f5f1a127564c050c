package readme

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/propagation"
)

var Tenant = scope.NewKey("tenant", "nobody")

func TestPropagation(t *testing.T) {
	t.Parallel()
	key := []byte(strings.Repeat("k", 32))
	clusterNetworks := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, scope.Get(r.Context(), Tenant))
	})

	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("2026-11", key)}, // 32 random bytes or more
		Audience: "staging",
		Allow: []propagation.Entry{
			propagation.Allow(Tenant, propagation.Text),
			httpx.WireRoutes(httpx.Destination{
				Host:     "*.preview.internal:8080",     // where routes may lead,
				From:     []string{"payments.internal"}, // whose requests may go there,
				Networks: clusterNetworks,               // and what the name may stand for
			}),
		},
	})
	require.NoError(t, err)

	handler := p.Middleware(app, propagation.Refuse) // in

	service := httptest.NewServer(handler)
	defer service.Close()
	destinations := map[string]string{service.Listener.Addr().String(): ""}

	client := &http.Client{Transport: &propagation.Transport{Propagator: p, To: destinations}} // out

	ctx := scope.With(t.Context(), Tenant.Bind("acme"), httpx.Unrouted.Bind(httpx.Allow))
	req, err := http.NewRequestWithContext(ctx, "GET", service.URL, nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "acme", string(got))
}
