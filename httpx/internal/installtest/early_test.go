package installtest

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/httpx"
)

// Clients in package variables, which are older than Install.
var early = map[string]*http.Client{
	"nil":     {},
	"pointer": {Transport: http.DefaultTransport},
	"wrapper": {Transport: wrapper{http.DefaultTransport}},
	"two":     {Transport: wrapper{wrapper{http.DefaultTransport}}},
}

// A wrapper adds a header on its way, as transports for tracing and
// authentication do: to a copy of the request.
type wrapper struct{ base http.RoundTripper }

func (w wrapper) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.Header.Set("Authorization", "Bearer mine")
	return w.base.RoundTrip(out)
}

func TestClientsInPackageVariablesReachTheirTestsFake(t *testing.T) {
	t.Parallel()
	for i := range 60 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprintf("fake %d", i)
			fake := serve(t, says(mine))
			inScope(t, func(ctx context.Context) {
				for name, client := range early {
					for _, url := range []string{"http://api.github.com/users/same", "https://api.github.com/users/same"} {
						assert.Equal(t, mine, text(client.Get(url)), name)
						assert.Equal(t, mine, get(ctx, client, url), name)
					}
				}
			}, httpx.Route("api.github.com", fake.URL))
		})
	}
}

func TestClientsInPackageVariablesAreRefused(t *testing.T) {
	t.Parallel()
	inScope(t, func(ctx context.Context) {
		for name, client := range early {
			for _, url := range []string{"http://api.test", "https://api.test"} {
				_, err := client.Get(url)
				assert.ErrorIs(t, err, httpx.ErrRefused, name)
			}
		}
	}, httpx.Unrouted.Bind(httpx.Refuse))
}
