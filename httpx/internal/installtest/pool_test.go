package installtest

import (
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// connection sends a request, and returns the connection that it went over.
func connection(t *testing.T, ctx context.Context, client *http.Client, url string) (conn any, reused bool) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		conn, reused = i.Conn, i.Reused
	}})
	resp, err := client.Do(request(t, ctx, http.MethodGet, url, nil))
	require.NoError(t, err)
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	return conn, reused
}

func TestAScopeKeepsItsConnectionsAndSharesNone(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	// httptest.Server.Close closes the idle ones of http.DefaultTransport.
	mine := clone()
	t.Cleanup(mine.CloseIdleConnections)
	client := &http.Client{Transport: mine}
	for _, url := range []string{"http://api.test", "https://api.test"} {
		job, end := scope.New(t.Context(), "Job")
		defer end()
		var seen []any
		for _, ctx := range []context.Context{
			scope.With(job, httpx.Route("*", fake.URL)),
			scope.With(job, httpx.Route("*", fake.URL)),
			scope.With(context.Background(), httpx.Route("*", fake.URL)),
		} {
			first, _ := connection(t, ctx, client, url)
			assert.False(t, slices.Contains(seen, first), "another scope's")
			again, reused := connection(t, ctx, client, url)
			assert.True(t, reused)
			assert.True(t, first == again)
			other, reused := connection(t, ctx, client, url+".elsewhere.test")
			assert.False(t, reused, "another host")
			seen = append(seen, first, other)
		}
	}
}

// The connections to the proxy are in the pools of others' clones: a scope's end
// closes them from the other side, those too on which no request was sent yet.
func TestAScopesConnectionsCloseAtItsEnd(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		ctx, end := scope.New(t.Context(), "Job")
		ctx = scope.With(ctx, httpx.Route("api.test", fake.URL))
		var mu sync.Mutex
		var idle []func()
		trace := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
			mu.Lock()
			defer mu.Unlock()
			idle = append(idle, func() {
				_, err := i.Conn.Write([]byte("GET"))
				for err == nil { // until the other side's close has come through
					_, err = i.Conn.Write([]byte(" "))
				}
			})
		}})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { get(trace, client, url) })
		}
		all.Wait()
		end()
		for _, closed := range idle {
			closed()
		}
		assert.Contains(t, get(ctx, client, url), `scope "Job" has ended`)
	})
}

func TestARequestUnderWayOutlivesItsScope(t *testing.T) {
	t.Parallel()
	eachClient(t, "api.test", func(t *testing.T, client *http.Client, url string) {
		goOn := make(chan struct{})
		fake := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.NewResponseController(w).Flush()
			<-goOn
			io.WriteString(w, "whole")
		})
		ctx, end := scope.New(t.Context(), "Job")
		resp := do(t, client, request(t, scope.With(ctx, httpx.Route("api.test", fake.URL)), http.MethodGet, url, nil))
		end()
		close(goOn)
		assert.Equal(t, "whole", text(resp, nil))
	})
}

func TestRefuseRemoteLetsThisMachinePass(t *testing.T) {
	t.Parallel()
	own := serve(t, says("own"))
	ctx := scope.Set(t.Context(), httpx.Unrouted, httpx.RefuseRemote)
	for _, client := range []*http.Client{http.DefaultClient, {Transport: aClone}} {
		assert.Equal(t, "own", get(ctx, client, own.URL))
	}
}

func TestUnroutedRequestsGoWhereTheyWereSent(t *testing.T) {
	t.Parallel()
	real := serve(t, says("real"))
	for _, client := range []*http.Client{http.DefaultClient, {Transport: aClone}} {
		for _, ctx := range []context.Context{
			t.Context(),
			scope.With(t.Context(), httpx.Route("api.test", down)),
			scope.With(t.Context(), httpx.Route("api.test", real.URL)), // it is the target
		} {
			assert.Equal(t, "real", get(ctx, client, real.URL))
		}
	}
	assert.Equal(t, "real", get(scope.With(t.Context(), httpx.Route("127.0.0.1:2", real.URL)), http.DefaultClient, "http://127.0.0.1:2"),
		"and a routed host on loopback by its route")
}

// These are the clients that Install can't reach.
func TestAClientThatTakesAnotherProxyFuncIsNotRouted(t *testing.T) {
	t.Parallel()
	real := serve(t, says("real"))
	ctx := scope.With(t.Context(), httpx.RouteHandler("*", says("fake")), httpx.Unrouted.Bind(httpx.Refuse))
	other := clone()
	t.Cleanup(other.CloseIdleConnections)
	assert.Equal(t, "fake", get(ctx, &http.Client{Transport: other}, real.URL))
	other.Proxy = nil
	assert.Equal(t, "real", get(ctx, &http.Client{Transport: other}, real.URL))
}

// The proxy is on loopback, where others can connect to it.
func TestTheProxyServesNobodyElse(t *testing.T) {
	t.Parallel()
	real := serve(t, says("real"))
	ctx := scope.With(t.Context(), httpx.RouteHandler("*", says("fake")))
	proxy, err := aClone.Proxy(request(t, ctx, http.MethodGet, real.URL, nil))
	require.NoError(t, err)
	runtime.GC()
	for user, want := range map[*url.Userinfo]string{
		proxy.User:                             "fake",
		nil:                                    "no acceptable authentication methods",
		url.UserPassword("http ", "127.0.0.1"): "username/password authentication failed",
		url.UserPassword("http made-up", "127.0.0.1"): "username/password authentication failed",
		url.UserPassword("made-up", "api.test"):       "username/password authentication failed",
	} {
		stolen := *proxy
		stolen.User = user
		tr := &http.Transport{Proxy: http.ProxyURL(&stolen)}
		t.Cleanup(tr.CloseIdleConnections)
		assert.Contains(t, get(t.Context(), &http.Client{Transport: tr}, real.URL), want)
	}
	httpProxy := *proxy
	httpProxy.Scheme = "http"
	tr := &http.Transport{Proxy: http.ProxyURL(&httpProxy)}
	t.Cleanup(tr.CloseIdleConnections)
	_, err = (&http.Client{Transport: tr}).Do(request(t, t.Context(), http.MethodGet, "http://api.test", nil))
	assert.Error(t, err, "it is no HTTP proxy")
	runtime.KeepAlive(ctx) // the proxy serves a scope only as long as something has it
}

func TestNobodyElseTrustsTheAuthority(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), httpx.RouteHandler("api.test", says("fake")))
	fresh := clone()
	t.Cleanup(fresh.CloseIdleConnections)
	resp := do(t, &http.Client{Transport: fresh}, request(t, ctx, http.MethodGet, "https://api.test", nil))
	leaf := resp.TLS.PeerCertificates[0]
	assert.Equal(t, []string{"api.test"}, leaf.DNSNames)
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: "api.test"})
	assert.ErrorAs(t, err, new(x509.UnknownAuthorityError), "by the system's roots")

	fresh.TLSClientConfig.RootCAs = nil // as code does that replaces the configuration
	fresh.CloseIdleConnections()
	assert.Contains(t, get(ctx, &http.Client{Transport: fresh}, "https://api.test"), "x509: certificate signed by unknown authority")
}
