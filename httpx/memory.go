package httpx

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/memory"
	"github.com/scopetree/scope/httpx/internal/routing"
	"github.com/scopetree/scope/internal/engine"
)

// HandlerTransport returns a transport that answers every request by calling h, as
// [RouteHandler] does for a scope's requests, with the same scope for h and the same
// connections. It takes the option [HTTP2]. If h is nil, HandlerTransport panics.
func HandlerTransport(h http.Handler, opts ...RouteOption) http.RoundTripper {
	if h == nil {
		panic("httpx: HandlerTransport of a nil handler")
	}
	return newHandlerTransport(h, allOf(opts).http2)
}

// A handlerTransport sends requests to a handler through package http's own transport
// and server, over connections in memory. Every scope that ends has its own
// connections, which are closed when it ends. In no such scope, each request has its
// own connection. The same holds in a bubble of testing/synctest, unless the scope is of a
// test in that bubble.
type handlerTransport struct {
	handler http.Handler
	http2   bool
	pairs   *scope.Resource[*pair]
	sent    sync.Map // the number of a request → *sentRequest
	count   atomic.Uint64
}

// A sentRequest holds what the handler needs to know about a request and can't read
// from the connection.
type sentRequest struct {
	ctx    context.Context
	secure bool // the URL's scheme is https
	host   string

	panicked atomic.Pointer[any] // what the handler panicked with
}

// numberHeader is the header field that carries a request's number to the server.
// The handler does not see it.
const numberHeader = "Httpx-In-Memory"

func newHandlerTransport(h http.Handler, http2 bool) *handlerTransport {
	m := &handlerTransport{handler: h, http2: http2}
	m.pairs = scope.NewResource(func() *pair { return m.newPair(false) }, (*pair).close)
	return m
}

func (m *handlerTransport) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(!m.http2)
	p.SetUnencryptedHTTP2(m.http2)
	return p
}

// A pair is a client and a server with connections in memory between them.
type pair struct {
	client *http.Transport
	server *http.Server
}

// newPair returns a new pair. If once is true, each connection is for one request.
func (m *handlerTransport) newPair(once bool) *pair {
	server := &http.Server{Handler: http.HandlerFunc(m.serve), Protocols: m.protocols()}
	return &pair{server: server, client: &http.Transport{
		Protocols:             m.protocols(),
		DisableKeepAlives:     once && m.http2, // an HTTP/1.1 request would say so in its header
		ExpectContinueTimeout: time.Minute,     // the handler always answers
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, conn := memory.Pipe()
			// The server must not inherit the scope of the first request.
			scope.Run(scope.Detach(context.Background()), func(context.Context) { memory.Serve(server, conn) })
			return client, nil
		},
	}}
}

// close closes all connections, even if a request is under way on them.
func (p *pair) close() {
	p.client.CloseIdleConnections()
	p.server.Close()
}

func (m *handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL == nil {
		return new(http.Transport).RoundTrip(req) // returns package http's own error
	}
	ctx := req.Context()
	number := strconv.FormatUint(m.count.Add(1), 36)
	sent := &sentRequest{ctx: ctx, secure: req.URL.Scheme == "https", host: req.URL.Hostname()}
	m.sent.Store(number, sent)
	defer m.sent.Delete(number) // by then the handler has answered, or nobody waits for it

	out, u := *req, *req.URL
	out.URL = &u
	if u.Scheme == "https" {
		u.Scheme = "http" // TLS is between machines
	}
	out.Header = make(http.Header, len(req.Header)+1)
	maps.Copy(out.Header, req.Header)
	out.Header[numberHeader] = []string{number}

	once := scope.Name(ctx) == "" || !engine.InItsBubble(ctx) // goroutines can't wake those of a bubble from outside
	var p *pair
	if once {
		p = m.newPair(true)
	} else {
		p = m.pairs.Get(ctx)
	}
	resp, err := p.client.RoundTrip(&out)
	switch {
	case err != nil && once:
		p.close() // also a connection that is still being made
	case once:
		p.client.CloseIdleConnections() // closes now, or when the body has been read
	}
	if err != nil {
		if v := sent.panicked.Load(); v != nil {
			err = routing.Error(req, fmt.Errorf("handler panicked: %v: %w", *v, err))
		}
		return nil, err
	}
	resp.Request = req
	if sent.secure {
		resp.TLS = sent.state()
	}
	return resp, nil
}

// serve is the server's handler. Neither its goroutine nor the request's context has
// a scope yet.
func (m *handlerTransport) serve(w http.ResponseWriter, r *http.Request) {
	v, ok := m.sent.Load(r.Header.Get(numberHeader))
	if !ok {
		panic(http.ErrAbortHandler) // the client has gone already
	}
	r.Header.Del(numberHeader)
	sent := v.(*sentRequest)
	if sent.secure {
		r.TLS = sent.state()
	}
	defer func() {
		if v := recover(); v != nil {
			sent.panicked.Store(&v)
			panic(v) // the server logs it
		}
	}()
	scope.Run(engine.Carry(r.Context(), sent.ctx), func(ctx context.Context) { serveIn(ctx, m.handler, w, r) })
}

// serveIn calls a handler with a copy of the request whose context is ctx. It copies
// MultipartForm back, because the server removes the form files of its own request.
func serveIn(ctx context.Context, h http.Handler, w http.ResponseWriter, r *http.Request) {
	inner := r.WithContext(ctx)
	defer func() { r.MultipartForm = inner.MultipartForm }()
	h.ServeHTTP(w, inner)
}

// state returns the made-up TLS state that both sides see for https.
func (s *sentRequest) state() *tls.ConnectionState {
	return &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: s.host}
}
