package installtest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// fresh installs on a transport of its own until the test ends. The default transport is
// global, so the test can't be parallel.
func fresh(t *testing.T) *http.Transport {
	uninstalled(t)
	mine := likeDefault()
	http.DefaultTransport = mine
	t.Cleanup(httpx.Install())
	t.Cleanup(mine.CloseIdleConnections)
	return mine
}

// likeDefault returns a transport as package http's own is, before it was used.
func likeDefault() *http.Transport {
	return &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: new(net.Dialer).DialContext, ForceAttemptHTTP2: true}
}

func secureServer(t *testing.T) *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "real "+r.Proto) }))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it, as they should
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// Settings that a program changes on http.DefaultTransport after Install count at once:
// in a scope and in none, for the transport and for clones that are made then.
func TestSettingsAfterInstallCount(t *testing.T) {
	server := secureServer(t)
	slow := serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "by the proxy") })
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	for _, test := range []struct {
		name   string
		set    func(mine *http.Transport)
		url    string
		before string
		after  string
	}{
		{"InsecureSkipVerify", func(mine *http.Transport) { mine.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} },
			server.URL, "certificate", "real HTTP/2.0"},
		{"InsecureSkipVerify, in place", func(mine *http.Transport) { mine.TLSClientConfig.InsecureSkipVerify = true },
			server.URL, "certificate", "real HTTP/2.0"},
		{"RootCAs", func(mine *http.Transport) { mine.TLSClientConfig = &tls.Config{RootCAs: roots} },
			server.URL, "certificate", "real HTTP/2.0"},
		{"RootCAs, in place", func(mine *http.Transport) { mine.TLSClientConfig.RootCAs = roots },
			server.URL, "certificate", "real HTTP/2.0"},
		{"DialContext", func(mine *http.Transport) {
			mine.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("my dialer") }
		}, server.URL, "certificate", "my dialer"},
		{"ResponseHeaderTimeout", func(mine *http.Transport) { mine.ResponseHeaderTimeout = time.Millisecond },
			slow.URL, "deadline", "timeout awaiting response headers"},
		{"Proxy", func(mine *http.Transport) { mine.Proxy = http.ProxyURL(parse(t, proxy.URL)) },
			"http://api.invalid", "no such host", "by the proxy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			mine := fresh(t)
			fetch := func(ctx context.Context, rt http.RoundTripper, url string) string {
				ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
				defer cancel()
				return get(ctx, &http.Client{Transport: rt}, url)
			}
			job, end := scope.New(t.Context(), "job")
			defer end()
			fake := scope.With(job, httpx.RouteHandler("api.test", says("fake")))
			for _, ctx := range []context.Context{t.Context(), job, fake} {
				assert.Contains(t, fetch(ctx, mine, test.url), test.before)
			}
			test.set(mine)
			clone := mine.Clone()
			defer clone.CloseIdleConnections()
			for _, ctx := range []context.Context{t.Context(), job, fake} {
				assert.Contains(t, fetch(ctx, mine, test.url), test.after)
				// HTTP/2 is off for clones.
				assert.Contains(t, fetch(ctx, clone, test.url), strings.ReplaceAll(test.after, "HTTP/2.0", "HTTP/1.1"))
			}
			assert.Equal(t, "fake", get(fake, &http.Client{Transport: mine}, "http://api.test"))
			assert.Equal(t, "fake", get(fake, &http.Client{Transport: mine}, "https://api.test"))
		})
	}
}

// Two functions of the same code can't be told apart.
func TestAProxyOrADialerOfTheSameCodeCounts(t *testing.T) {
	mine := fresh(t)
	one, two := serve(t, says("one")), serve(t, says("two"))
	ask := func(want string) {
		t.Helper()
		assert.Equal(t, want, get(t.Context(), http.DefaultClient, "http://api.test"))
	}
	for want, s := range map[string]*httptest.Server{"one": one, "two": two} {
		mine.Proxy = http.ProxyURL(parse(t, s.URL))
		ask(want)
	}
	mine.Proxy, mine.DisableKeepAlives = nil, true
	for want, s := range map[string]*httptest.Server{"one": one, "two": two} {
		mine.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
		}
		ask(want)
	}
	mine.DialContext = nil
	assert.Equal(t, "one", get(t.Context(), http.DefaultClient, one.URL))
	for _, want := range []string{"first", "second"} {
		fails := errors.New(want)
		mine.DialTLSContext = func(context.Context, string, string) (net.Conn, error) { return nil, fails }
		assert.Contains(t, get(t.Context(), http.DefaultClient, "https://api.test"), want)
	}
	mine.DialTLSContext = nil
	for _, want := range []string{"first", "second"} {
		fails := errors.New(want)
		//lint:ignore SA1019 old programs may set it
		mine.DialTLS = func(string, string) (net.Conn, error) { return nil, fails }
		assert.Contains(t, get(t.Context(), http.DefaultClient, "https://api.test"), want)
	}
	for _, want := range []string{"first", "second"} {
		fails := errors.New(want)
		//lint:ignore SA1019 old programs may set it
		mine.Dial = func(string, string) (net.Conn, error) { return nil, fails }
		assert.Contains(t, get(t.Context(), http.DefaultClient, "http://api.test"), want)
	}
}

func TestHTTP2TurnedOffAfterInstallIsOff(t *testing.T) {
	server := secureServer(t)
	mine := fresh(t)
	mine.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	assert.Equal(t, "real HTTP/2.0", get(t.Context(), http.DefaultClient, server.URL))
	mine.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	assert.Equal(t, "real HTTP/1.1", get(t.Context(), http.DefaultClient, server.URL))
}

func TestHTTP2IsAsBefore(t *testing.T) {
	mine := fresh(t)
	server := secureServer(t)
	mine.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	client := &http.Client{Transport: mine}
	assert.Equal(t, "real HTTP/2.0", get(t.Context(), client, server.URL), "unrouted")
	ctx := scope.With(t.Context(), httpx.Route("api.test", server.URL))
	assert.Equal(t, "real HTTP/2.0", get(ctx, client, "https://api.test"), "to a target")
	assert.Equal(t, "real HTTP/2.0", get(ctx, client, "http://api.test"), "to a target, from http")
}

func TestATransportThatWasClonedBeforeIsInstalledToo(t *testing.T) {
	uninstalled(t)
	mine := new(http.Transport)
	mine.Clone() // sets HTTP/2 up
	http.DefaultTransport = mine
	defer httpx.Install()()
	server := secureServer(t)
	ctx := scope.With(t.Context(), httpx.RouteHandler("*", says("fake")))
	client := &http.Client{Transport: mine}
	assert.Equal(t, "fake", get(ctx, client, "http://api.test"))
	assert.Equal(t, "fake", get(ctx, client, server.URL))
	mine.CloseIdleConnections()
}

// Package http asks a registered protocol for none of these.
func TestAWebSocketOverHTTPSIsRouted(t *testing.T) {
	t.Parallel()
	h := func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		line, _ := rw.ReadString('\n')
		io.WriteString(conn, "echo "+line)
	}
	fake := serve(t, h)
	for _, scheme := range []string{"http", "https"} {
		inScope(t, func(ctx context.Context) {
			req := request(t, ctx, http.MethodGet, scheme+"://chat.test/", nil)
			req.Header.Set("Connection", "Upgrade")
			req.Header.Set("Upgrade", "websocket")
			resp := do(t, http.DefaultClient, req)
			require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
			conn := resp.Body.(io.ReadWriteCloser)
			io.WriteString(conn, "hello\n")
			b, err := io.ReadAll(conn)
			require.NoError(t, err)
			assert.Equal(t, "echo hello\n", string(b))
		}, httpx.Route("chat.test", fake.URL))
	}
}

// A user's own swap, before and after Install.
func TestASwapOfTheDefaultTransport(t *testing.T) {
	fake, other := serve(t, says("fake")), serve(t, says("other"))
	// If its route were looked up twice, a request for api.test would arrive at the
	// other.
	ctx := scope.With(t.Context(), httpx.Route("api.test", fake.URL), httpx.Route(parse(t, fake.URL).Host, other.URL))
	check := func(t *testing.T, pointer http.RoundTripper) {
		for _, client := range []*http.Client{http.DefaultClient, {Transport: pointer}, httpx.Client(), {Transport: http.DefaultTransport}} {
			assert.Equal(t, "fake", get(ctx, client, "https://api.test"))
		}
	}
	t.Run("after", func(t *testing.T) {
		mine := fresh(t)
		http.DefaultTransport = httpx.Wrap(http.DefaultTransport)
		check(t, mine)
		http.DefaultTransport = httpx.Wrap(http.DefaultTransport)
		check(t, mine)
		defer httpx.Install()()
		check(t, mine)
	})
	t.Run("before", func(t *testing.T) {
		uninstalled(t)
		mine := likeDefault()
		defer mine.CloseIdleConnections()
		http.DefaultTransport = httpx.Wrap(mine)
		swapped := http.DefaultTransport
		undo := httpx.Install()
		check(t, mine)
		assert.True(t, http.DefaultTransport == swapped, "it is left alone")
		undo()
		assert.Equal(t, "fake", get(ctx, http.DefaultClient, "https://api.test"), "the user's own goes on")
		assert.Contains(t, get(ctx, &http.Client{Transport: mine}, "https://api.test"), "no such host")
	})
}

// The client gets its own request back: a redirect, and whoever asks the response.
func TestTheResponsesRequestIsOfTheRealURL(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	inScope(t, func(ctx context.Context) {
		resp := do(t, http.DefaultClient, request(t, ctx, http.MethodPost, "https://api.test/x", strings.NewReader("body")))
		assert.Equal(t, &url.URL{Scheme: "https", Host: "api.test", Path: "/x"}, resp.Request.URL)
		assert.Equal(t, "api.test", resp.Request.Host)
		assert.Empty(t, resp.Request.Header)
	}, httpx.Route("api.test", fake.URL))
}
