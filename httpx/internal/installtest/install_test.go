package installtest

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

// uninstalled undoes the Install of TestMain until the test ends. The default transport
// is global, so the test can't be parallel.
func uninstalled(t *testing.T) {
	t.Setenv("HTTPX_TEST_SERIAL", "1")
	uninstall()
	require.True(t, http.DefaultTransport == http.RoundTripper(original))
	t.Cleanup(func() {
		http.DefaultTransport = original
		uninstall = httpx.Install()
		aClone = clone()
	})
}

func TestInstallKeepsTheValueAndUninstallTheSettings(t *testing.T) {
	uninstalled(t)
	mine := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{ServerName: "mine"}}
	http.DefaultTransport = mine
	before := mine.Clone()
	undo := httpx.Install()
	assert.True(t, http.DefaultTransport == http.RoundTripper(mine))
	assert.NotNil(t, mine.Proxy)
	undo()
	assert.True(t, http.DefaultTransport == http.RoundTripper(mine))
	assert.Equal(t, before.TLSClientConfig.ServerName, mine.TLSClientConfig.ServerName)
	assert.Nil(t, mine.TLSClientConfig.RootCAs)
	assert.True(t, mine.ForceAttemptHTTP2)
	assert.Nil(t, mine.Protocols)
	assert.Nil(t, mine.Proxy)
}

func TestUninstallLeavesWhatReplacedItSince(t *testing.T) {
	uninstalled(t)
	undo := httpx.Install()
	others := &http.Transport{}
	http.DefaultTransport = others
	undo()
	assert.True(t, http.DefaultTransport == http.RoundTripper(others))
}

// A clone may outlive its installation. Then it sends as the original would.
func TestACloneSendsAsTheOriginalAfterUninstall(t *testing.T) {
	uninstalled(t)
	real := serve(t, says("real"))
	ctx := scope.With(t.Context(), httpx.RouteHandler("*", says("fake")))
	for name, proxied := range map[string]bool{"no proxy": false, "a proxy of its own": true} {
		mine := new(http.Transport)
		url, want := real.URL, "real"
		if proxied {
			mine.Proxy = http.ProxyURL(parse(t, real.URL))
			url = "http://api.test"
		}
		http.DefaultTransport = mine
		undo := httpx.Install()
		kept := clone()
		client := &http.Client{Transport: kept}
		assert.Equal(t, "fake", get(ctx, client, url), name)
		assert.Equal(t, want, get(t.Context(), client, url), name)
		undo()
		assert.Equal(t, want, get(ctx, client, url), name)
		kept.CloseIdleConnections()
		mine.CloseIdleConnections()
	}
}

func parse(t *testing.T, raw string) *url.URL {
	u, err := url.Parse(raw)
	require.NoError(t, err)
	return u
}

// secure starts a server with HTTP/2, and returns a transport that trusts it and
// has an idle connection to it: one that was used before Install.
func secure(t *testing.T) (*httptest.Server, *http.Transport) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { says("real "+r.Proto)(w, r) }))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	used := s.Client().Transport.(*http.Transport).Clone()
	used.ForceAttemptHTTP2 = true
	t.Cleanup(used.CloseIdleConnections)
	require.Equal(t, "real HTTP/2.0", get(t.Context(), &http.Client{Transport: used}, s.URL))
	for stack := make([]byte, 1<<20); ; runtime.Gosched() { // until the connection is idle
		if !bytes.Contains(stack[:runtime.Stack(stack, true)], []byte("lientStream).doRequest")) {
			return s, used
		}
	}
}

// The original may have been used before. No request uses its connections any more, those
// of HTTP/2 included, and it no longer asks servers for HTTP/2.
func TestATransportThatWasUsedBeforeIsHookedToo(t *testing.T) {
	uninstalled(t)
	real, used := secure(t)
	http.DefaultTransport = used
	defer httpx.Install()()
	ctx := scope.With(t.Context(), httpx.RouteHandler("127.0.0.1", says("fake")))
	again := clone()
	again.ForceAttemptHTTP2 = true // as many do
	defer again.CloseIdleConnections()
	for _, tr := range []*http.Transport{http.DefaultTransport.(*http.Transport), again} {
		client := &http.Client{Transport: tr}
		for range 2 {
			assert.Equal(t, "real HTTP/1.1", get(t.Context(), client, real.URL))
			assert.Equal(t, "fake", get(ctx, client, real.URL))
		}
	}
}

// Its pool of HTTP/2 connections must get none of the connections of the clones that send
// for it. Package http asks the pool before it calls the Proxy func, so a routed request
// would otherwise leave over the connection of an unrouted one.
func TestAUsedTransportsPoolGetsNoConnectionFromAScope(t *testing.T) {
	uninstalled(t)
	real, used := secure(t)
	http.DefaultTransport = used
	defer httpx.Install()()
	inJob(t, func(ctx context.Context) {
		assert.Equal(t, "real HTTP/2.0", get(ctx, httpx.Client(), real.URL))
	})
	inJob(t, func(ctx context.Context) {
		assert.Equal(t, "fake", get(ctx, http.DefaultClient, real.URL))
	}, httpx.RouteHandler("127.0.0.1", says("fake")))
}

// This is why HTTP/2 is off: package http asks its pool of HTTP/2 connections, by
// address, before it calls the Proxy func. So a client that turns HTTP/2 on for its clone
// escapes, once there is a connection to the real host. If this test fails on a future
// Go, HTTP/2 may be allowed.
func TestAClientThatTurnsHTTP2OnAgainEscapes(t *testing.T) {
	uninstalled(t)
	real, used := secure(t)
	http.DefaultTransport = used
	defer httpx.Install()()
	unsound := clone()
	defer unsound.CloseIdleConnections()
	unsound.TLSNextProto, unsound.Protocols = nil, new(http.Protocols)
	unsound.Protocols.SetHTTP1(true)
	unsound.Protocols.SetHTTP2(true)
	client := &http.Client{Transport: unsound}
	ctx := scope.With(t.Context(), httpx.RouteHandler("127.0.0.1", says("fake")))

	assert.Equal(t, "fake", get(ctx, client, real.URL), "before")
	require.Equal(t, "real HTTP/2.0", get(t.Context(), client, real.URL), "somebody else, in no scope")
	assert.Equal(t, "real HTTP/2.0", get(ctx, client, real.URL), "the scope's route is not asked")
}

// Transports of this package over the hooked one: the routes are theirs to ask.
func TestWrapOverTheHookedTransport(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	ctx := scope.With(t.Context(), httpx.Route("*", fake.URL))
	for _, client := range []*http.Client{httpx.Client(), {Transport: httpx.Wrap(http.DefaultTransport)}, {Transport: httpx.Wrap(aClone)}} {
		assert.Equal(t, "fake", get(ctx, client, "https://api.test"))
	}
}

func TestWrapOverTheHookedTransportLooksUpOnce(t *testing.T) {
	t.Parallel()
	first, second := serve(t, says("first")), serve(t, says("second"))
	ctx := scope.With(t.Context(), httpx.Route("api.test", first.URL), httpx.Route(parse(t, first.URL).Host, second.URL))
	for _, client := range []*http.Client{httpx.Client(), {Transport: httpx.Wrap(http.DefaultTransport)}, http.DefaultClient} {
		assert.Equal(t, "first", get(ctx, client, "https://api.test"))
	}
}

func TestATokenIsSentThroughTheHookedTransport(t *testing.T) {
	t.Parallel()
	app := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Header.Get("Scope-Token")) })
	ctx := scopetest.With(t, httpx.SendToken.Bind(true))
	for _, client := range []*http.Client{http.DefaultClient, {Transport: aClone}} {
		assert.Equal(t, httpx.Token(ctx), get(ctx, client, app.URL))
	}
}
