package scope_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// The rows of net/http. The servers are started on a goroutine that is bound
// to nothing, but where the server is what A started.

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func roundTrip(t *testing.T, a, _ context.Context) (got string) {
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		got = who.Get()
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil
	})}
	as(a, func() { get(t, client, "http://example.invalid") })
	return got
}

func checkRedirect(t *testing.T, a, _ context.Context) (got string) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/next", http.StatusFound)
		}
	})
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { got = who.Get(); return nil }
	as(a, func() { get(t, client, server.URL) })
	return got
}

func transportProxy(t *testing.T, a, _ context.Context) (got string) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	client := server.Client()
	client.Transport.(*http.Transport).Proxy = func(*http.Request) (*url.URL, error) { got = who.Get(); return nil, nil }
	as(a, func() { get(t, client, server.URL) })
	return got
}

func getConn(t *testing.T, a, _ context.Context) (got string) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	trace := &httptrace.ClientTrace{GetConn: func(string) { got = who.Get() }}
	as(a, func() { traced(t, context.Background(), server.Client(), server.URL, trace, http.NoBody) })
	return got
}

func gotConn(t *testing.T, a, _ context.Context) (got string) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got = who.Get() }}
	as(a, func() { traced(t, context.Background(), server.Client(), server.URL, trace, http.NoBody) })
	return got
}

func dialContext(t *testing.T, a, _ context.Context) string {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	client, got := server.Client(), make(chan string, 1)
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		got <- who.Get()
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	as(a, func() { get(t, client, server.URL) })
	return <-got
}

func verifyConnection(t *testing.T, a, _ context.Context) string {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	client, got := server.Client(), make(chan string, 1)
	client.Transport.(*http.Transport).TLSClientConfig.VerifyConnection = func(tls.ConnectionState) error {
		got <- who.Get()
		return nil
	}
	as(a, func() { get(t, client, server.URL) })
	return <-got
}

// A's connection is the only one. When it is closed, its goroutine dials for
// B's request, which waited. The dial's context is B's all the same.
func queuedDial(t *testing.T, a, b context.Context) (got string) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		conns := make(pipes)
		server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })}
		go server.Serve(conns)
		defer server.Close()
		dialled, contexts := make(chan string, 2), make(chan string, 2)
		client := &http.Client{Transport: &http.Transport{
			MaxConnsPerHost:   1,
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				dialled <- who.Get()
				contexts <- scope.Get(ctx, who)
				ours, theirs := net.Pipe()
				conns <- theirs
				return ours, nil
			},
		}}
		for _, ctx := range []context.Context{a, b} {
			scope.Go(ctx, func(ctx context.Context) {
				traced(t, ctx, client, "http://example.invalid", &httptrace.ClientTrace{}, http.NoBody)
			})
			synctest.Wait() // A's handler waits, then B's request does
		}
		close(release)
		synctest.Wait()
		require.Len(t, dialled, 2)
		<-dialled
		got = <-dialled
		assert.Equal(t, "A", <-contexts)
		assert.Equal(t, "B", <-contexts, "the dial's context is the request's")
	})
	return got
}

// pipes is a listener of in-memory connections.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func handlerHTTP1(t *testing.T, a, b context.Context) string {
	return handled(t, a, b, readWho, (*httptest.Server).Start)
}

func handlerHTTP2(t *testing.T, a, b context.Context) string {
	return handled(t, a, b, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, 2, r.ProtoMajor)
		readWho(w, r)
	}, func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.StartTLS()
	})
}

func handlerTimeout(t *testing.T, a, b context.Context) string {
	return handled(t, a, b, http.TimeoutHandler(http.HandlerFunc(readWho), time.Minute, "").ServeHTTP, (*httptest.Server).Start)
}

// handled returns what h answers to B on a server that A starts.
func handled(t *testing.T, a, b context.Context, h http.HandlerFunc, start func(*httptest.Server)) (got string) {
	server := httptest.NewUnstartedServer(h)
	as(a, func() { start(server) })
	t.Cleanup(server.Close)
	as(b, func() { got = get(t, server.Client(), server.URL) })
	return got
}

func readWho(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, who.Get()) }

func bodyReadOnReused(t *testing.T, a, b context.Context) string {
	got := make(chan string, 1)
	reused(t, a, b, &httptrace.ClientTrace{}, readerFunc(func(p []byte) (int, error) {
		select {
		case got <- who.Get():
			return copy(p, "x"), io.EOF
		default:
			return 0, io.EOF
		}
	}))
	return <-got
}

func wroteRequestOnReused(t *testing.T, a, b context.Context) string {
	got := make(chan string, 1)
	reused(t, a, b, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { got <- who.Get() }}, strings.NewReader("x"))
	return <-got
}

func firstByteOnReused(t *testing.T, a, b context.Context) string {
	got := make(chan string, 1)
	reused(t, a, b, &httptrace.ClientTrace{GotFirstResponseByte: func() { got <- who.Get() }}, strings.NewReader("x"))
	return <-got
}

// reused sends a request of B's on a connection that A dialled.
func reused(t *testing.T, a, b context.Context, trace *httptrace.ClientTrace, body io.Reader) {
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
	idle := make(chan struct{})
	as(a, func() {
		traced(t, context.Background(), server.Client(), server.URL, &httptrace.ClientTrace{PutIdleConn: func(error) { close(idle) }}, http.NoBody)
	})
	<-idle
	trace.GotConn = func(info httptrace.GotConnInfo) { assert.True(t, info.Reused, "the connection") }
	as(b, func() { traced(t, context.Background(), server.Client(), server.URL, trace, body) })
}

// A server keeps the goroutine for the next request of a connection.
func leakyHandler(t *testing.T, a, _ context.Context) (got string) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		readWho(w, r)
		if labels() {
			scope.Attach(a) //scopevet:ignore wrong: who attaches must detach
		}
	})
	require.Equal(t, "none", get(t, server.Client(), server.URL))
	return get(t, server.Client(), server.URL)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

// get returns the body of what url answers.
func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	resp, err := client.Get(url)
	if !assert.NoError(t, err) {
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	assert.NoError(t, err)
	return string(body)
}

// traced sends a request with body under a trace, and reads the answer.
func traced(t *testing.T, ctx context.Context, client *http.Client, url string, trace *httptrace.ClientTrace, body io.Reader) {
	t.Helper()
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, url, body)
	if !assert.NoError(t, err) {
		return
	}
	if body != http.NoBody {
		req.ContentLength = 1
	}
	resp, err := client.Do(req)
	if !assert.NoError(t, err) {
		return
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	assert.NoError(t, err)
}
