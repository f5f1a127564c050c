package conformance

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// proxy returns a reverse proxy to a URL. If a request fails, the proxy's answer has the
// error.
func proxy(t *testing.T, to string, through http.RoundTripper) *httputil.ReverseProxy {
	t.Helper()
	target, err := url.Parse(to)
	require.NoError(t, err)
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target); r.SetXForwarded() },
		Transport: through,
		ErrorLog:  log.New(io.Discard, "", 0), // a client that goes away is not news
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
}

// serving starts a server whose requests have ctx's scope.
func serving(t *testing.T, ctx context.Context, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// summed answers with a trailer.
func summed(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "Sum")
		io.WriteString(w, body)
		w.Header().Set("Sum", "1")
	}
}

// A gateway is a server with a reverse proxy that sends through httpx.Wrap. All tests
// share one proxy, and each reaches its own upstream.
func TestCombineOneReverseProxyReachesEachTestsUpstream(t *testing.T) {
	t.Parallel()
	gateway := proxy(t, "https://api.example.com/v1", httpx.Wrap(nil))
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			upstream := httpxtest.Mock(t, "api.example.com")
			upstream.Expect("POST /v1/users/{id}").Times(3).Query("q", "a b").Body("hello").
				ReplyFunc(summed(t.Name()))
			server := serving(t, scopetest.Context(t), gateway)
			for range 3 {
				resp, err := server.Client().Post(server.URL+"/users/a%2Fb?q=a+b", "text/plain", strings.NewReader("hello"))
				require.NoError(t, err)
				assert.Equal(t, t.Name(), text(t, resp))
				assert.Equal(t, http.Header{"Sum": {"1"}}, resp.Trailer)
			}
			assert.Equal(t, "/v1/users/a%2Fb", upstream.Requests()[0].URL.EscapedPath())
		})
	}
}

// If a gateway can't send a request, it answers with 502 and the error of package httpx.
func TestCombineAReverseProxyTellsWhatIsRefused(t *testing.T) {
	t.Parallel()
	gateway := proxy(t, "https://api.example.com", httpx.Wrap(nil))
	refusing := scopetest.With(t, httpx.Unrouted.Bind(httpx.Refuse))
	gone, end := scope.New(refusing, "gone")
	end()
	for want, ctx := range map[string]context.Context{"no route for it": refusing, "/gone\" has ended": gone} {
		server := serving(t, ctx, gateway)
		resp, err := server.Client().Get(server.URL + "/users/octocat")
		require.NoError(t, err)
		assert.Equal(t, http.StatusBadGateway, resp.StatusCode)
		got := text(t, resp)
		assert.Contains(t, got, "httpx: GET https://api.example.com/users/octocat: ")
		assert.Contains(t, got, want)
	}
}

// The upstream sees the gateway's X-Forwarded headers, with every kind of route. They are
// about the gateway's own client.
func TestCombineAReverseProxysForwardedHeaders(t *testing.T) {
	t.Parallel()
	type seen struct{ Host, ForwardedHost, ForwardedProto string }
	for name, c := range map[string]struct {
		routes func(*httpxtest.Server) scope.Binding
		want   func(gateway, upstream string) seen
	}{
		"Route": {
			func(s *httpxtest.Server) scope.Binding { return httpx.Route("api.example.com", s.URL) },
			func(gateway, upstream string) seen { return seen{upstream, gateway, "http"} },
		},
		"KeepHost": {
			func(s *httpxtest.Server) scope.Binding { return httpx.Route("api.example.com", s.URL, httpx.KeepHost) },
			func(gateway, _ string) seen { return seen{"api.example.com", gateway, "http"} },
		},
		"transport, as with Mock": {
			func(s *httpxtest.Server) scope.Binding {
				return httpx.RouteTransport("api.example.com", s.Transport())
			},
			func(gateway, _ string) seen { return seen{"api.example.com", gateway, "http"} },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			upstream := httpxtest.NewServer(t)
			upstream.Expect("GET /")
			gateway := serving(t, scopetest.With(t, c.routes(upstream)), proxy(t, "https://api.example.com", httpx.Wrap(nil)))

			get(t, gateway.Client(), t.Context(), gateway.URL)

			got := upstream.Requests()[0]
			host := func(s string) string { return strings.TrimPrefix(s, "http://") }
			assert.Equal(t, c.want(host(gateway.URL), host(upstream.URL)),
				seen{got.Host, got.Header.Get("X-Forwarded-Host"), got.Header.Get("X-Forwarded-Proto")})
			assert.Equal(t, "127.0.0.1", got.Header.Get("X-Forwarded-For"))
		})
	}
}

// A reverse proxy can be the handler of a route, and send through httpx in turn.
func TestCombineAReverseProxyAsAHandler(t *testing.T) {
	t.Parallel()
	shared := proxy(t, "https://upstream.example.com/v1", httpx.Wrap(nil))
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			upstream := httpxtest.Mock(t, "upstream.example.com")
			upstream.Expect("POST /v1/users/octocat").Body("hello").ReplyFunc(summed(t.Name()))
			ctx := scopetest.With(t, httpx.RouteHandler("api.example.com", shared))

			req := newRequest(t, ctx, asked, strings.NewReader("hello"))
			resp, err := httpx.Client().Do(req)

			require.NoError(t, err)
			assert.Equal(t, t.Name(), text(t, resp))
			assert.Same(t, req, resp.Request)
			assert.Equal(t, http.Header{"Sum": {"1"}}, resp.Trailer)
			assert.Equal(t, "api.example.com", upstream.Requests()[0].Header.Get("X-Forwarded-Host"))
		})
	}
}

// Through a server or in memory, data that the upstream flushes arrives at once, and the
// upstream notices when the client goes away.
func TestCombineAReverseProxyStreamsAndCancels(t *testing.T) {
	t.Parallel()
	type client struct {
		*http.Client
		ctx context.Context
		url string
	}
	for name, clientOf := range map[string]func(*testing.T, context.Context, http.Handler) client{
		"server": func(t *testing.T, ctx context.Context, p http.Handler) client {
			gateway := serving(t, ctx, p)
			return client{gateway.Client(), t.Context(), gateway.URL}
		},
		"in memory": func(t *testing.T, _ context.Context, p http.Handler) client {
			ctx := scopetest.With(t, httpx.RouteHandler("gateway.example.com", p))
			return client{httpx.Client(), ctx, "https://gateway.example.com"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			more, gone := make(chan struct{}), make(chan struct{})
			ctx, upstream := routed(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream") // a proxy flushes this type
				for _, line := range []string{"one\n", "two\n"} {
					io.WriteString(w, line)
					http.NewResponseController(w).Flush()
					<-more
				}
				<-r.Context().Done()
				close(gone)
			})
			client := clientOf(t, ctx, proxy(t, "https://api.example.com", httpx.Wrap(upstream.Client().Transport)))
			ctx, cancel := context.WithCancel(client.ctx)
			defer cancel()

			resp, err := client.Do(newRequest(t, ctx, client.url, nil))
			require.NoError(t, err)
			defer resp.Body.Close()
			lines := bufio.NewReader(resp.Body)
			for _, want := range []string{"one\n", "two\n"} {
				got, err := lines.ReadString('\n')
				require.NoError(t, err)
				assert.Equal(t, want, got)
				more <- struct{}{}
			}
			cancel()
			_, err = lines.ReadByte()
			assert.ErrorIs(t, err, context.Canceled)
			<-gone
		})
	}
}

// A change of protocols passes through the proxy and through httpx, in both directions.
func TestCombineAnUpgradePassesThroughAReverseProxy(t *testing.T) {
	t.Parallel()
	for i := range 5 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			ctx, server := routed(t, echo)
			gateway := serving(t, ctx, proxy(t, "https://api.example.com", httpx.Wrap(server.Client().Transport)))
			resp, err := gateway.Client().Do(upgrade(t, t.Context(), gateway.URL))
			require.NoError(t, err)
			assertEchoes(t, resp)
		})
	}
}

// A handler in memory can hijack the connection, and so can a proxy that is such a
// handler.
func TestCombineAnUpgradeGoesThroughAReverseProxyInMemory(t *testing.T) {
	t.Parallel()
	_, server := routed(t, echo)
	p := proxy(t, "https://api.example.com", httpx.Wrap(server.Client().Transport))
	ctx := scopetest.With(t, httpx.RouteHandler("gateway.example.com", p))
	resp, err := httpx.Client().Do(upgrade(t, ctx, "https://gateway.example.com"))
	require.NoError(t, err)
	assertEchoes(t, resp)
}
