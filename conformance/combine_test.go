package conformance

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"golang.org/x/oauth2"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

// The promises of httpx.Wrap also hold in combination with another transport, above it or
// below. The other combine_*_test.go files test the purpose of each transport.

// A layer is a transport that sends through another one.
type layer func(below http.RoundTripper) http.RoundTripper

var layers = map[string]layer{
	"oauth2": func(below http.RoundTripper) http.RoundTripper {
		return &oauth2.Transport{Source: oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "secret"}), Base: below}
	},
	"otelhttp": func(below http.RoundTripper) http.RoundTripper {
		return otelhttp.NewTransport(below, otelhttp.WithTracerProvider(sdktrace.NewTracerProvider()))
	},
}

// positions are the ways to combine a layer with httpx.Wrap.
var positions = map[string]func(layer) layer{
	"above": func(l layer) layer {
		return func(base http.RoundTripper) http.RoundTripper { return l(httpx.Wrap(base)) }
	},
	"below": func(l layer) layer {
		return func(base http.RoundTripper) http.RoundTripper { return httpx.Wrap(l(base)) }
	},
}

// combined runs a parallel subtest for each layer in each position.
func combined(t *testing.T, test func(t *testing.T, alone, both layer)) {
	t.Parallel()
	for name, alone := range layers {
		for position, with := range positions {
			t.Run(name+"/"+position, func(t *testing.T) {
				t.Parallel()
				test(t, alone, with(alone))
			})
		}
	}
}

const asked = "https://api.example.com/users/octocat"

// routed starts a server that takes the test's requests for api.example.com, and
// returns its address, a transport to it, and a context with the route.
func routed(t *testing.T, h http.HandlerFunc) (ctx context.Context, server *httptest.Server) {
	t.Helper()
	server = httptest.NewServer(h)
	t.Cleanup(server.Close)
	return scopetest.With(t, httpx.Route("api.example.com", server.URL)), server
}

// newRequest returns a request that asks for the given URL.
func newRequest(t *testing.T, ctx context.Context, url string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	require.NoError(t, err)
	return req
}

// text reads a response's body, closes it, and returns the text.
func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}

// All tests share one client, and its requests go where the scope of each request says.
func TestCombineOneClientReachesEachTestsServer(t *testing.T) {
	combined(t, func(t *testing.T, _, both layer) {
		base := &http.Transport{}
		t.Cleanup(base.CloseIdleConnections)
		client := &http.Client{Transport: both(base)}
		for i := range 10 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				ctx, _ := routed(t, func(w http.ResponseWriter, r *http.Request) {
					io.Copy(w, r.Body)
					io.WriteString(w, " at "+t.Name())
				})
				for range 3 {
					resp, err := client.Do(newRequest(t, ctx, asked, strings.NewReader("hello")))
					require.NoError(t, err)
					assert.Equal(t, "hello at "+t.Name(), text(t, resp))
				}
			})
		}
	})
}

func TestCombineTheResponseIsForTheURLThatWasAskedFor(t *testing.T) {
	combined(t, func(t *testing.T, _, both layer) {
		ctx, server := routed(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/users/octocat":
				http.SetCookie(w, &http.Cookie{Name: "session", Value: "1", Path: "/"})
				http.Redirect(w, r, "/users/583231", http.StatusTemporaryRedirect)
			default:
				fmt.Fprint(w, r.Referer())
			}
		})
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		client := &http.Client{Transport: both(server.Client().Transport), Jar: jar}

		resp, err := client.Do(newRequest(t, ctx, asked, strings.NewReader("hello")))
		require.NoError(t, err)

		assert.Equal(t, asked, text(t, resp), "the referer")
		assert.Equal(t, "https://api.example.com/users/583231", resp.Request.URL.String())
		assert.Len(t, jar.Cookies(resp.Request.URL), 1)
	})
}

// A layer passes on a copy of the request. Below httpx.Wrap it does so, too, but the
// caller gets back its own request.
func TestCombineBelowTheResponsesRequestIsTheCallersOwn(t *testing.T) {
	t.Parallel()
	for name, l := range layers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, server := routed(t, func(http.ResponseWriter, *http.Request) {})
			req := newRequest(t, ctx, asked, nil)
			resp, err := positions["below"](l)(server.Client().Transport).RoundTrip(req)
			require.NoError(t, err)
			resp.Body.Close()
			assert.Same(t, req, resp.Request)
			assert.Equal(t, asked, req.URL.String())
			assert.Empty(t, req.Header, "the caller's request is not changed")
		})
	}
}

func TestCombineTheRequestsBodyIsClosed(t *testing.T) {
	combined(t, func(t *testing.T, _, both layer) {
		ctx, server := routed(t, func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
		ended, end := scope.New(ctx, "gone")
		end()
		for name, c := range map[string]struct {
			ctx  context.Context
			url  string
			want error
		}{
			"sent":    {ctx, asked, nil},
			"refused": {scope.Set(ctx, httpx.Unrouted, httpx.Refuse), "https://other.example.com/", httpx.ErrRefused},
			"ended":   {ended, asked, scope.ErrEnded},
		} {
			body := &closing{Reader: strings.NewReader("hello"), closed: make(chan struct{})}
			resp, err := both(server.Client().Transport).RoundTrip(newRequest(t, c.ctx, c.url, body))
			if c.want == nil && assert.NoError(t, err, name) {
				resp.Body.Close()
			}
			assert.ErrorIs(t, err, c.want, name)
			if err != nil {
				assert.True(t, body.already.Load(), name)
			} else {
				<-body.closed // perhaps later, when the transport is done with it
			}
		}
	})
}

func TestCombineTrailers(t *testing.T) {
	combined(t, func(t *testing.T, alone, both layer) {
		ctx, server := routed(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "Got")
			io.Copy(w, r.Body)
			w.Header().Set("Got", fmt.Sprint(r.Trailer))
		})
		trailers := func(l layer, url string) (early, late string) {
			send := func(trailer http.Header, body io.Reader) string {
				req := newRequest(t, ctx, url, body)
				req.ContentLength, req.Trailer = -1, trailer
				resp, err := l(server.Client().Transport).RoundTrip(req)
				require.NoError(t, err)
				assert.Equal(t, "hello", text(t, resp))
				return resp.Trailer.Get("Got")
			}
			early = send(http.Header{"Sum": {"1"}}, strings.NewReader("hello"))
			set := http.Header{"Sum": nil}
			late = send(set, io.MultiReader(strings.NewReader("hello"), atEOF(func() { set.Set("Sum", "2") })))
			return early, late
		}

		early, late := trailers(both, asked)

		assert.Equal(t, "map[Sum:[1]]", early)
		wantEarly, wantLate := trailers(alone, server.URL)
		assert.Equal(t, wantEarly, early)
		assert.Equal(t, wantLate, late, "those set while the body is read: as the layer has it")
	})
}

func TestCombineCancelling(t *testing.T) {
	combined(t, func(t *testing.T, _, both layer) {
		began, gone := make(chan struct{}), make(chan struct{})
		ctx, server := routed(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/body" {
				io.WriteString(w, "begun")
				http.NewResponseController(w).Flush()
			}
			began <- struct{}{}
			<-r.Context().Done()
			gone <- struct{}{}
		})
		client := &http.Client{Transport: both(server.Client().Transport)}

		waiting, cancel := context.WithCancel(ctx)
		go func() { <-began; cancel() }()
		_, err := client.Do(newRequest(t, waiting, asked, nil))
		assert.ErrorIs(t, err, context.Canceled)
		<-gone

		reading, cancel := context.WithCancel(ctx)
		defer cancel()
		resp, err := client.Do(newRequest(t, reading, "https://api.example.com/body", nil))
		require.NoError(t, err)
		defer resp.Body.Close()
		<-began
		cancel()
		_, err = io.ReadAll(resp.Body)
		assert.ErrorIs(t, err, context.Canceled)
		<-gone
	})
}

func TestCombineUpgrading(t *testing.T) {
	combined(t, func(t *testing.T, _, both layer) {
		ctx, server := routed(t, echo)
		client := &http.Client{Transport: both(server.Client().Transport)}
		resp, err := client.Do(upgrade(t, ctx, asked))
		require.NoError(t, err)
		assertEchoes(t, resp)
	})
}

// upgrade returns a request to change the protocol.
func upgrade(t *testing.T, ctx context.Context, url string) *http.Request {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	return req
}

// echo changes the protocol, and then sends back what it reads.
func echo(w http.ResponseWriter, _ *http.Request) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	io.Copy(conn, rw)
}

// assertEchoes asserts that echo answers through resp, and closes resp.
func assertEchoes(t *testing.T, resp *http.Response) {
	t.Helper()
	defer resp.Body.Close()
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	conn, ok := resp.Body.(io.ReadWriteCloser)
	require.True(t, ok, "%T can't be written to", resp.Body)
	lines := bufio.NewReader(conn)
	for _, line := range []string{"one\n", "two\n"} {
		_, err := io.WriteString(conn, line)
		require.NoError(t, err)
		got, err := lines.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, line, got)
	}
}

// closing reports when it is closed.
type closing struct {
	io.Reader
	already atomic.Bool
	closed  chan struct{}
}

func (c *closing) Close() error {
	if c.already.CompareAndSwap(false, true) {
		close(c.closed)
	}
	return nil
}

// atEOF is an empty reader. It is called when it is read.
type atEOF func()

func (f atEOF) Read([]byte) (int, error) { f(); return 0, io.EOF }
