package gock

import (
	"net/http"

	original "github.com/h2non/gock"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// A Transport answers requests from the store of the test that sends them.
type Transport struct {
	// Transport sends the requests that are not answered. If it is nil,
	// http.DefaultTransport does, without the test's routes.
	Transport http.RoundTripper

	store *store // if nil, the store of the request's scope
}

// NewTransport returns a transport for clients that don't use http.DefaultTransport.
func NewTransport() *Transport { return new(Transport) }

var (
	// DefaultTransport answers from the store of the test that sends the request.
	DefaultTransport = NewTransport()

	// NativeTransport is package http's own transport.
	NativeTransport = http.DefaultTransport
)

// RoundTrip answers a request.
func (m *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	s := m.store
	if s == nil {
		s = scope.Get(req.Context(), started)
	}
	if s == nil {
		return m.send(req)
	}
	mock, send, err := s.take(req)
	var resp *http.Response
	switch {
	case err != nil:
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	case send:
		if resp, err = m.send(req); err != nil || mock == nil {
			return resp, err
		}
	}
	return original.Responder(req, mock.Response(), resp)
}

// send sends a request to its own host, as if there were no mocks.
func (m *Transport) send(req *http.Request) (*http.Response, error) {
	if m.Transport != nil {
		return m.Transport.RoundTrip(req)
	}
	ctx := scope.With(scope.Detach(req.Context()), httpx.Unrouted.Bind(httpx.Allow))
	return http.DefaultTransport.RoundTrip(req.WithContext(ctx))
}

// CancelRequest does nothing, as in the original.
func (m *Transport) CancelRequest(*http.Request) {}

func (m *Transport) String() string { return "gock" }

// InterceptClient changes a client that has a transport of its own. Its requests are then
// answered from the store of the test that sends them.
func InterceptClient(cli *http.Client) {
	if _, ok := cli.Transport.(*Transport); !ok {
		cli.Transport = &Transport{Transport: cli.Transport}
	}
}

// RestoreClient undoes [InterceptClient].
func RestoreClient(cli *http.Client) {
	if t, ok := cli.Transport.(*Transport); ok {
		cli.Transport = t.Transport
	}
}
