package wire_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: httpx.Wrap(tr)}
}

// roundTripper is a transport that is a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
