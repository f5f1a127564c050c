package httpx_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// serveHTTP2 starts a server with TLS and HTTP/2 for the test.
func serveHTTP2(t *testing.T, h http.HandlerFunc) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func protocol(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Trailer", "X-Sum")
	b, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s%s %s", r.Proto, r.Method, r.Host, r.URL, b)
	w.Header().Set("X-Sum", "42")
}

func TestRouteSpeaksHTTP2(t *testing.T) {
	t.Parallel()
	fake := serveHTTP2(t, protocol)
	client := &http.Client{Transport: httpx.Wrap(fake.Client().Transport)}
	toFake := fake.Client().Transport.(*http.Transport).Clone() // example.com is in its certificate
	toFake.DialContext = dialing(t, fake.Listener.Addr().String()).DialContext
	t.Cleanup(toFake.CloseIdleConnections)
	for _, tt := range []struct {
		name, url, want string
		route           scope.Binding
	}{
		{"unrouted", fake.URL + "/a%2Fb", "HTTP/2.0 GET " + fake.Listener.Addr().String() + "/a%2Fb ", scope.Binding{}},
		{"target", "http://api.test/a%2Fb?x=1", "HTTP/2.0 GET " + fake.Listener.Addr().String() + "/v3/a%2Fb?x=1 ", httpx.Route("api.test", fake.URL+"/v3")},
		{"target, host kept", "http://api.test/", "HTTP/2.0 GET api.test/v3/ ", httpx.Route("api.test", fake.URL+"/v3", httpx.KeepHost)},
		{"transport", "https://example.com/a", "HTTP/2.0 GET example.com/a ", httpx.RouteTransport("example.com", toFake)},
	} {
		resp := do(t, client, request(t, scope.With(t.Context(), tt.route), http.MethodGet, tt.url, nil))
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err, tt.name)
		assert.Equal(t, tt.want, string(body), tt.name)
		assert.Equal(t, 2, resp.ProtoMajor, tt.name)
		assert.Equal(t, http.Header{"X-Sum": {"42"}}, resp.Trailer, tt.name)
		assert.NotNil(t, resp.TLS, tt.name)
	}
}

func TestRouteUpgradesFromHTTPSToAPlainTargetAndBack(t *testing.T) {
	t.Parallel()
	secure, bare := serveHTTP2(t, protocol), serve(t, protocol)
	client := &http.Client{Transport: httpx.Wrap(secure.Client().Transport)}
	ctx := scope.With(t.Context(), httpx.Route("secure.test", bare.URL), httpx.Route("bare.test", secure.URL))
	assert.Contains(t, get(ctx, client, "https://secure.test/"), "HTTP/1.1 GET")
	assert.Contains(t, get(ctx, client, "http://bare.test/"), "HTTP/2.0 GET")
}
