package httpx_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

// A server is a loopback server that counts what reaches it.
type server struct {
	*httptest.Server
	conns, requests atomic.Int64
}

// serve starts a server for the test.
func serve(t testing.TB, h http.HandlerFunc) *server {
	t.Helper()
	s := new(server)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		h(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.conns.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// down is an address without a server. The port of a closed server would not do, because
// another test may get it the next moment.
const down = "http://127.0.0.1:1"

// says is a handler that answers with a word.
func says(word string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, word) }
}

// host is the server's host and port, as a route takes it.
func (s *server) host() string { return s.Listener.Addr().String() }

// labels reports whether every goroutine inherits its scope. If not, only scope.Run,
// scope.Go and scope.Wrap bind.
func labels() bool { return scope.Carrier() == "labels" }

// inScope runs f with its goroutine bound to a scope of the test's that has
// the bindings, whatever the carrier.
func inScope(t testing.TB, f func(ctx context.Context), b ...scope.Binding) {
	t.Helper()
	scope.Run(scopetest.With(t, b...), f)
}

// get returns what a GET answers, or the error's text.
func get(ctx context.Context, client *http.Client, url string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	return text(client.Do(req))
}

// text returns the body of a response, or the error's text.
func text(resp *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return string(b) + err.Error()
	}
	return string(b)
}

// do sends a request, or ends the test. The body is closed with the test.
func do(t testing.TB, client *http.Client, req *http.Request) *http.Response {
	t.Helper()
	resp, err := client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// request returns a new request, or ends the test.
func request(t testing.TB, ctx context.Context, method, url string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	require.NoError(t, err)
	return req
}

// wrapped returns a client that sends through a transport of its own, which is
// closed with the test, with routes in front of it.
func wrapped(t testing.TB) *http.Client {
	t.Helper()
	return &http.Client{Transport: httpx.Wrap(plain(t))}
}

// plain returns a transport of package http's, closed with the test.
func plain(t testing.TB) *http.Transport {
	t.Helper()
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// plainTo returns a transport of package http's that takes every host for s.
func plainTo(t testing.TB, s *server) *http.Transport { return dialing(t, s.host()) }

func dialing(t testing.TB, hostPort string) *http.Transport {
	tr := plain(t)
	tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", hostPort)
	}
	return tr
}

// roundTripper is a transport that is a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
