package wire_test

import (
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/wire"
	"github.com/scopetree/scope/propagation"
)

// These tests are about requests that a route from the wire takes.

func TestAWireRouteOverTLS(t *testing.T) {
	t.Parallel()
	fake := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	fake.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that fails
	fake.EnableHTTP2 = true
	fake.StartTLS()
	t.Cleanup(fake.Close)
	to := wire.Destination{Host: fake.Listener.Addr().String()}
	trusting := allow(t, to).WithTLS(fake.Client().Transport.(*http.Transport).TLSClientConfig)
	assert.Equal(t, "HTTP/2.0", get(arrive(t, trusting, httpx.Route("api.test", fake.URL)), onlyWire(t), "http://api.test"))
	assert.Contains(t, get(arrive(t, allow(t, to), httpx.Route("api.test", fake.URL)), onlyWire(t), "http://api.test"), "certificate")
}

func TestSecretsGoToTrustedDestinationsOnly(t *testing.T) {
	t.Parallel()
	sensitive := []string{
		"Authorization", "Cookie", "Cookie2", "Proxy-Authorization", "Proxy-Authenticate", "Www-Authenticate",
		"Scope-Token", http.CanonicalHeaderKey(propagation.Header),
	}
	for _, trusted := range []bool{false, true} {
		for _, opts := range [][]httpx.RouteOption{nil, {httpx.KeepHost}} {
			var got http.Header
			fake := serve(t, func(w http.ResponseWriter, r *http.Request) {
				got = r.Header
				http.SetCookie(w, &http.Cookie{Name: "session", Value: "planted"})
			})
			w := allow(t, wire.Destination{Host: "127.0.0.1", Trusted: !trusted}, wire.Destination{Host: fake.host(), Trusted: trusted})
			ctx := arrive(t, w, httpx.Route("api.test", fake.URL, opts...))
			jar, err := cookiejar.New(nil)
			require.NoError(t, err)
			client := onlyWire(t)
			client.Jar = jar
			api := &url.URL{Scheme: "http", Host: "api.test", Path: "/"}
			jar.SetCookies(api, []*http.Cookie{{Name: "login", Value: "secret"}})

			req := request(t, ctx, http.MethodGet, "http://user:password@api.test/", nil)
			req.Header.Set("Accept", "text/plain")
			for _, name := range sensitive {
				req.Header.Set(name, "secret")
			}
			req.Header["authorization"] = []string{"secret"}
			assert.Equal(t, "", text(client.Do(req)))
			assert.Equal(t, "text/plain", got.Get("Accept"))
			assert.Equal(t, "secret", req.Header.Get("Authorization"), "the caller's request is as it was")
			for _, name := range sensitive {
				assert.Equal(t, trusted, got.Get(name) != "", "%s, trusted: %v", name, trusted)
			}
			cookies := 1
			if trusted {
				cookies = 2
			}
			assert.Len(t, jar.Cookies(api), cookies, "trusted: %v", trusted)
		}
	}
}

func TestAWireRouteIsLeftByNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := serve(t, says("elsewhere"))
	fake := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/next" {
			io.WriteString(w, "next of "+r.Header.Get("X-Forwarded-Host"))
			return
		}
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	})
	w := allow(t, wire.Destination{Host: fake.host(), Trusted: true})
	ctx := arrive(t, w, httpx.Route("*.test", fake.URL))
	for to, want := range map[string]string{
		"/next":                 "next of api.test",
		"next":                  "next of api.test",
		"https://api.test/next": "next of api.test",
		"http://b.test/next":    "next of b.test",
		elsewhere.URL:           "redirects to",
		fake.URL + "/next":      "redirects to",
		"//169.254.169.254/x":   `redirects to "169.254.169.254": not a destination that is allowed for routes from the wire: let it redirect to a path`,
		"file://b.test/next":    "redirects to",
	} {
		client := wrapped(t)
		assert.Contains(t, get(ctx, client, "http://api.test/?to="+url.QueryEscape(to)), want, to)
	}
	assert.Zero(t, elsewhere.requests.Load())
}

// A route for all hosts takes those to its own target too.
func TestARequestThatIsAtItsTargetIsCheckedAndNotRewritten(t *testing.T) {
	t.Parallel()
	fake := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path+r.Header.Get("Cookie")) })
	ctx := arrive(t, allow(t, wire.Destination{Host: fake.host()}), httpx.Route("*", fake.URL+"/base"))
	req := request(t, ctx, http.MethodGet, fake.URL+"/base/x", nil)
	req.Header.Set("Cookie", "secret")
	assert.Equal(t, "/base/x", text(onlyWire(t).Do(req)))
}

func TestABrokenWireRouteClosesTheBody(t *testing.T) {
	t.Parallel()
	ctx := arrive(t, allow(t, wire.Destination{Host: "127.0.0.1"}), httpx.Route("api.test", down))
	body := &closeCounter{Reader: strings.NewReader("x")}
	req := request(t, ctx, http.MethodPost, "http://api.test/", body)
	req.URL.Opaque = "//evil.test/x"
	_, err := onlyWire(t).Transport.RoundTrip(req)
	assert.EqualError(t, err, `httpx: POST http://api.test/: opaque URL "//evil.test/x" can't be routed`)
	assert.Equal(t, 1, body.closed)
}

type closeCounter struct {
	io.Reader
	closed int
}

func (c *closeCounter) Close() error { c.closed++; return nil }
