package installtest

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/wire"
	"github.com/scopetree/scope/propagation"
)

// These tests are about routes from the wire on the way through the proxy, which uses
// tickets. The tests of package wire have the rules.

// arrive returns a scope with bindings as another process has it, which allows
// routes to one destination.
func arrive(t *testing.T, to wire.Destination, b ...scope.Binding) (context.Context, error) {
	t.Helper()
	wired := wire.Routes(to)
	t.Cleanup(wired.CloseIdleConnections)
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("a", []byte(strings.Repeat("k", propagation.MinKey)))},
		Audience: "test",
		Allow:    []propagation.Entry{wired},
	})
	require.NoError(t, err)
	c := propagation.MapCarrier{}
	require.NoError(t, p.Inject(scope.With(t.Context(), b...), c))
	return p.Extract(scope.Detach(t.Context()), c)
}

func TestSecretsGoToTrustedDestinationsOnly(t *testing.T) {
	t.Parallel()
	fake := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "planted"})
		io.WriteString(w, r.Host+r.URL.Path+" "+r.Header.Get("Authorization")+r.Header.Get("Cookie"))
	})
	host := strings.TrimPrefix(fake.URL, "http://")
	for secrets, trusted := range map[string]bool{"": false, "Bearer secretlogin=secret": true} {
		ctx, err := arrive(t, wire.Destination{Host: host, Trusted: trusted}, httpx.Route("api.test", fake.URL+"/base", httpx.KeepHost))
		require.NoError(t, err)
		eachClient(t, "api.test", func(t *testing.T, client *http.Client, target string) {
			jar, err := cookiejar.New(nil)
			require.NoError(t, err)
			client = &http.Client{Transport: client.Transport, Jar: jar}
			u, err := url.Parse(target)
			require.NoError(t, err)
			jar.SetCookies(u, []*http.Cookie{{Name: "login", Value: "secret"}})
			req := request(t, ctx, http.MethodGet, target+"/path", nil)
			req.Header.Set("Authorization", "Bearer secret")
			assert.Equal(t, "api.test/base/path "+secrets, text(client.Do(req)))
			assert.Equal(t, trusted, len(jar.Cookies(u)) == 2, "a cookie was planted")
		})
	}
}

func TestAWireRouteIsLeftByNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, says("elsewhere"))
	fake := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) })
	ctx, err := arrive(t, wire.Destination{Host: strings.TrimPrefix(fake.URL, "http://")}, httpx.Route("api.test", fake.URL))
	require.NoError(t, err)
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		assert.Contains(t, get(ctx, client, url), "redirects to")
	})
}

// The name is resolved when a connection is made, and stands for loopback then.
func TestTheResolvedAddressIsChecked(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("the fake"))
	u, err := url.Parse(fake.URL)
	require.NoError(t, err)
	ctx, err := arrive(t, wire.Destination{Host: "localhost"}, httpx.Route("api.test", "http://localhost:"+u.Port()))
	require.NoError(t, err)
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		assert.Contains(t, get(ctx, client, url), "not a destination that is allowed for routes from the wire")
	})
}
