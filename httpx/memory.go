package httpx

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"runtime"
	"sync"

	"github.com/scopetree/scope"
)

// memory answers requests by calling a handler, as a server at the other end
// of a connection would, without the connection.
type memory struct{ handler http.Handler }

func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if ctx.Err() != nil {
		closeBody(req)
		return nil, context.Cause(ctx)
	}
	x := newExchange(req)
	scope.Go(ctx, func(context.Context) { x.serve(m.handler) })
	select {
	case <-x.answered:
	case <-ctx.Done():
		x.abort(context.Cause(ctx))
		return nil, context.Cause(ctx)
	case <-req.Cancel:
		x.abort(errCanceled)
		return nil, errCanceled
	}
	if x.err != nil {
		return nil, &requestError{req.Method, req.URL, x.err}
	}
	if x.response.Body != http.NoBody {
		x.stopWatching = context.AfterFunc(ctx, func() { x.abort(context.Cause(ctx)) })
	}
	if trace := httptrace.ContextClientTrace(ctx); trace != nil {
		x.tell(trace)
	}
	return x.response, nil
}

var errCanceled = errors.New("httpx: request canceled")

// An exchange is one request to a handler and the answer to it. The fields up
// to answered are set before that is closed, and not changed after.
type exchange struct {
	req      *http.Request
	response *http.Response
	infos    []info // 1xx answers
	err      error  // why there is no response
	answered chan struct{}

	cancel       context.CancelFunc // the handler's context
	closeBody    func()             // the request's body, once
	pipe         pipe
	stopWatching func() bool
}

func newExchange(req *http.Request) *exchange {
	x := &exchange{req: req, answered: make(chan struct{})}
	x.pipe.cond.L = &x.pipe.mu
	x.closeBody = sync.OnceFunc(func() { closeBody(req) })
	return x
}

// serve calls the handler. It runs on the handler's goroutine. What it learns
// of a panic or an exit goes to the client as a broken connection, as over a
// socket; a panic is logged, as package net/http's server does.
func (x *exchange) serve(h http.Handler) {
	// The handler gets the scope of the client's context, and no other value
	// of it: over a socket it would get none either.
	ctx, cancel := context.WithCancel(scope.Capture(context.Background()))
	x.pipe.onAbort(cancel)
	w := &writer{x: x}
	cause := errors.New("handler ended its goroutine")
	defer func() {
		defer cancel()
		defer x.closeBody()
		if v := recover(); v != nil {
			cause = fmt.Errorf("handler panicked: %v", v)
			if v != http.ErrAbortHandler {
				stack := make([]byte, 64<<10)
				stack = stack[:runtime.Stack(stack, false)]
				log.Printf("httpx: panic serving %s: %v\n%s", x.req.URL.Redacted(), v, stack)
			}
		}
		w.finish(cause)
	}()
	h.ServeHTTP(w, x.serverRequest(ctx))
	cause = nil
}

// abort tells the handler, and whoever still reads the body, that the request
// is over.
func (x *exchange) abort(err error) {
	x.pipe.abort(err)
	x.closeBody()
}

// serverRequest returns the request as a server would have read it.
func (x *exchange) serverRequest(ctx context.Context) *http.Request {
	r := x.req.Clone(ctx)
	r.Cancel, r.GetBody, r.Response = nil, nil, nil
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.RequestURI = x.req.URL.RequestURI()
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil {
		r.URL = u
	}
	r.RemoteAddr = "192.0.2.1:1234" // RFC 5737: an address for documentation
	if x.req.URL.Scheme == "https" {
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: x.req.URL.Hostname()}
	}
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header.Set("User-Agent", "Go-http-client/1.1")
	}
	r.Trailer = x.req.Trailer // filled while the body is read
	r.Body = http.NoBody
	if x.req.Body != nil && x.req.Body != http.NoBody {
		r.Body = &requestBody{x}
		if r.ContentLength == 0 {
			r.ContentLength = -1
		}
	}
	return r
}

// A requestBody is the request's body as the handler sees it.
type requestBody struct{ x *exchange }

func (b *requestBody) Read(p []byte) (int, error) {
	if b.x.pipe.finished() {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.x.req.Body.Read(p)
}

// Close leaves the client's body alone: it is closed when the handler is done.
func (b *requestBody) Close() error { return nil }

// A responseBody is the answer's body as the client sees it.
type responseBody struct{ x *exchange }

func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.x.pipe.read(p)
	if err == io.EOF {
		b.x.stopWatching()
	}
	return n, err
}

// Close cancels the handler, if it is still running.
func (b *responseBody) Close() error {
	b.x.stopWatching()
	b.x.pipe.abort(http.ErrBodyReadAfterClose)
	return nil
}
