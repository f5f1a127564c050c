package propagation_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// answering is a RoundTripper in memory that keeps the last request.
type answering struct {
	last   *http.Request
	idle   bool
	status int
	header http.Header
}

func (a *answering) RoundTrip(r *http.Request) (*http.Response, error) {
	a.last = r
	if r.Body != nil {
		r.Body.Close()
	}
	status := http.StatusOK
	if a.status != 0 && r.URL.Path != "/next" {
		status = a.status
	}
	return &http.Response{StatusCode: status, Header: a.header, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

func (a *answering) CloseIdleConnections() { a.idle = true }

func TestTokensGoToNamedDestinationsOnly(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	for rawURL, want := range map[string]string{
		"http://orders.internal/x":         "orders",
		"http://orders.internal:8080/x":    "orders",
		"https://ORDERS.internal/x":        "orders",
		"http://pay.internal:8443/x":       "pay",
		"https://secure.internal/x":        "secure",
		"http://[::1]:9/x":                 "six",
		"http://pay.internal/x":            "",
		"http://pay.internal:84430/x":      "",
		"http://secure.internal/x":         "",
		"http://evil.orders.internal/x":    "",
		"http://orders.internal.evil/x":    "",
		"http://orders.internal@evil/x":    "",
		"http://evil/orders.internal":      "",
		"http://evil?orders.internal":      "",
		"http://xorders.internal/x":        "",
		"http://orders.internal%2eevil/x":  "",
		"http://evil:80/x#orders.internal": "",
	} {
		base := &answering{}
		transport := &propagation.Transport{Propagator: p, Base: base, To: map[string]string{
			"orders.internal": "orders", "pay.internal:8443": "pay", "secure.internal:443": "secure", "[::1]": "six",
		}}
		req, err := http.NewRequestWithContext(acme(t), http.MethodGet, rawURL, nil)
		if err != nil {
			continue // package url takes no such host
		}
		resp, err := transport.RoundTrip(req)
		require.NoError(t, err, rawURL)
		assert.Same(t, req, resp.Request, rawURL)
		assert.Empty(t, req.Header, "%s: the caller's request is as it was", rawURL)
		got := base.last.Header.Get(propagation.Header)
		if want == "" {
			assert.Empty(t, got, rawURL)
			continue
		}
		ctx, err := extract(newPropagator(t, audience(want)), got)
		assert.NoError(t, err, rawURL)
		assert.Equal(t, "acme", scope.Get(ctx, tenant), rawURL)
	}
}

func TestATokenThatCameWithARequestGoesNoFurtherThanAnother(t *testing.T) {
	t.Parallel()
	p, base := newPropagator(t), &answering{}
	transport := &propagation.Transport{Propagator: p, Base: base, To: map[string]string{"orders.internal": "staging"}}
	send := func(host string, bound bool) []string {
		req := httptest.NewRequest(http.MethodGet, "http://"+host, nil).WithContext(t.Context())
		if bound {
			req = req.WithContext(acme(t))
		}
		req.Header.Set(propagation.Header, "came with it")
		_, err := transport.RoundTrip(req)
		require.NoError(t, err)
		assert.Equal(t, "came with it", req.Header.Get(propagation.Header), "the caller's request is as it was")
		return base.last.Header.Values(propagation.Header)
	}
	assert.Empty(t, send("other.internal", true))
	assert.Empty(t, send("other.internal", false))
	assert.Equal(t, []string{"came with it"}, send("orders.internal", false), "a hop passes it on")
	replaced := send("orders.internal", true)
	require.Len(t, replaced, 1)
	_, err := extract(p, replaced[0])
	assert.NoError(t, err)
}

func TestARedirectTakesNoTokenAlong(t *testing.T) {
	t.Parallel()
	base := &answering{status: http.StatusFound, header: http.Header{"Location": {"http://evil/next"}}}
	client := &http.Client{Transport: &propagation.Transport{
		Propagator: newPropagator(t), Base: base, To: map[string]string{"orders.internal": "staging"},
	}}
	req, err := http.NewRequestWithContext(acme(t), http.MethodGet, "http://orders.internal/x", nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, "evil", base.last.URL.Host)
	assert.Empty(t, base.last.Header.Get(propagation.Header))
}

func TestNothingIsSentWhereTheTokenCantBeMade(t *testing.T) {
	t.Parallel()
	base := &answering{}
	transport := &propagation.Transport{Propagator: newPropagator(t), Base: base, To: map[string]string{"orders.internal": "x"}}
	ctx, end := scope.New(t.Context(), "Outlived")
	end()
	for _, tt := range []struct {
		ctx  context.Context
		want error
	}{
		{ctx, scope.ErrEnded},
		{scope.Set(acme(t), region, strings.Repeat("x", 1<<13)), propagation.ErrTooLarge},
	} {
		body := &closing{}
		req := httptest.NewRequest(http.MethodPost, "http://orders.internal", body).WithContext(tt.ctx)
		req.Body = body
		_, err := transport.RoundTrip(req)
		assert.ErrorIs(t, err, tt.want)
		assert.True(t, body.closed)
	}
	assert.Nil(t, base.last)
}

// It would be a service that is called without its scope, and no error anywhere.
func TestWhatIsNoHostInToIsAnErrorOfEveryRequest(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"", ":80", "orders.internal:", "Orders.internal", "http://orders.internal", "orders.internal/x", "*.internal",
		"*", "user@orders.internal", "orders.internal:http", "::1", "orders.internal?x", "orders internal", "%zz",
	} {
		base := &answering{}
		transport := &propagation.Transport{Propagator: newPropagator(t), Base: base, To: map[string]string{"fine.internal": "", host: ""}}
		for _, to := range []string{"http://orders.internal/", "http://fine.internal/"} {
			body := &closing{}
			req := httptest.NewRequest(http.MethodPost, to, body).WithContext(acme(t))
			_, err := transport.RoundTrip(req)
			require.ErrorContains(t, err, fmt.Sprintf("propagation: Transport.To: %q is no host", host))
			assert.True(t, body.closed)
		}
		assert.Nil(t, base.last)
	}
	for _, host := range []string{"orders", "orders.internal:8080", "127.0.0.1", "[::1]", "[::1]:80", "xn--bcher-kva.example"} {
		base := &answering{}
		transport := &propagation.Transport{Propagator: newPropagator(t), Base: base, To: map[string]string{host: ""}}
		_, err := transport.RoundTrip(httptest.NewRequest(http.MethodGet, "http://"+host+"/", nil).WithContext(acme(t)))
		require.NoError(t, err)
		assert.NotEmpty(t, base.last.Header.Get(propagation.Header), host)
	}
}

type closing struct{ closed bool }

func (*closing) Read([]byte) (int, error) { return 0, io.EOF }
func (c *closing) Close() error           { c.closed = true; return nil }

func TestTheZeroTransportSendsNoToken(t *testing.T) {
	t.Parallel()
	base := &answering{}
	transport := &propagation.Transport{Base: base}
	req := httptest.NewRequest(http.MethodGet, "http://orders.internal", nil).WithContext(acme(t))
	_, err := transport.RoundTrip(req)
	require.NoError(t, err)
	assert.Same(t, req, base.last)
	transport.CloseIdleConnections()
	assert.True(t, base.idle)
	(&propagation.Transport{Base: http.NewFileTransport(http.Dir("."))}).CloseIdleConnections() // it has none
}

// A gateway that knows nothing of scopes stands between: it passes the header
// on, or it drops it.
func TestAHopThatDoesNotKnowUs(t *testing.T) {
	t.Parallel()
	p := newPropagator(t)
	orders := httptest.NewServer(p.Middleware(whose, propagation.Refuse))
	t.Cleanup(orders.Close)
	target, err := url.Parse(orders.URL)
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		rewrite func(*httputil.ProxyRequest)
		want    string
	}{
		"passes it on": {func(r *httputil.ProxyRequest) { r.SetURL(target) }, "acme acme"},
		"drops it":     {func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Header.Del(propagation.Header) }, "nobody nobody"},
	} {
		own := &http.Transport{}
		t.Cleanup(own.CloseIdleConnections)
		gateway := httptest.NewServer(&httputil.ReverseProxy{Rewrite: tt.rewrite, Transport: own})
		t.Cleanup(gateway.Close)
		client := &http.Client{Transport: &propagation.Transport{
			Propagator: p, Base: own, To: map[string]string{strings.TrimPrefix(gateway.URL, "http://"): "staging"},
		}}
		req, err := http.NewRequestWithContext(acme(t), http.MethodGet, gateway.URL, nil)
		require.NoError(t, err)
		resp, err := client.Do(req)
		require.NoError(t, err, name)
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		require.NoError(t, err, name)
		assert.Equal(t, tt.want, string(body), name)
	}
}
