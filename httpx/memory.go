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
	"net/textproto"
	"net/url"
	"runtime"
	"sync"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/inside"
)

// memory answers requests by calling a handler, as a server at the other end
// of a connection would, without the connection.
type memory struct{ handler http.Handler }

// HandlerTransport returns a transport that answers every request by calling
// h, as [RouteHandler] does for a scope's.
//
// The http.ResponseWriter that h gets has a method Break(error): it makes the
// connection fail with that error, for the client, when h returns or panics.
func HandlerTransport(h http.Handler) http.RoundTripper {
	if h == nil {
		panic("httpx: HandlerTransport of a nil handler")
	}
	return memory{h}
}

func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if ctx.Err() != nil {
		closeBody(req)
		return nil, context.Cause(ctx)
	}
	// The handler gets the scope of the client's context, and no other value
	// of it: over a socket it would get none either.
	theirs, cancel := context.WithCancel(inside.Carry(context.Background(), ctx))
	x := newExchange(req, cancel)
	r := x.serverRequest(theirs) // here, where the stack is large enough already
	scope.Go(theirs, func(context.Context) { x.serve(m.handler, r) })
	select {
	case <-x.answered:
	case <-ctx.Done():
		x.abort(context.Cause(ctx))
		return nil, context.Cause(ctx)
	case <-canceled(req):
		x.abort(errCanceled)
		return nil, errCanceled
	}
	if x.err != nil {
		return nil, x.err
	}
	if x.response.Body != http.NoBody && ctx.Done() != nil {
		x.stopWatching = context.AfterFunc(ctx, func() { x.abort(context.Cause(ctx)) })
	}
	return &x.response, nil
}

// errExited is what the client is told of a handler that called runtime.Goexit.
var errExited = errors.New("handler ended its goroutine")

var errCanceled = errors.New("net/http: request canceled") // as net/http's transport says it

// An exchange is one request to a handler and the answer to it. response and
// err are set before answered is closed, and not changed after.
type exchange struct {
	req      *http.Request
	gzip     bool // the transport asks for it, not the client
	response http.Response
	err      error // why there is no response
	answered chan struct{}

	closed       sync.Once // the request's body
	pipe         pipe
	writer       writer       // the handler's
	body         responseBody // the client's
	stopWatching func() bool

	// What the handler's request points to.
	url   url.URL
	tls   tls.ConnectionState
	added [4]string // values of headers that the transport sends of its own
}

// newExchange makes what both sides need in one allocation.
func newExchange(req *http.Request, cancel func()) *exchange {
	x := &exchange{req: req, gzip: asksForGzip(req), answered: make(chan struct{})}
	x.pipe.cond.L = &x.pipe.mu
	x.pipe.cancel = cancel
	x.writer.x, x.body.x = x, x
	x.stopWatching = func() bool { return true }
	return x
}

// closeBody closes the request's body, once.
func (x *exchange) closeBody() { x.closed.Do(func() { closeBody(x.req) }) }

// serve calls the handler. It runs on the handler's goroutine. What it learns
// of a panic or an exit goes to the client as a broken connection, as over a
// socket; a panic is logged, as package net/http's server does.
func (x *exchange) serve(h http.Handler, r *http.Request) {
	cause := errExited
	defer func() {
		defer x.closeBody()
		if v := recover(); v != nil {
			cause = x.panicked(v)
		}
		x.pipe.cancel()
		x.writer.finish(cause)
	}()
	h.ServeHTTP(&x.writer, r)
	cause = nil
}

// panicked logs a panic as package net/http's server does. It has a frame of its
// own: else the stack of every request's goroutine would have to grow for it.
//
//go:noinline
func (x *exchange) panicked(v any) error {
	cause := fmt.Errorf("handler panicked: %v", v)
	if v != http.ErrAbortHandler {
		stack := make([]byte, 64<<10)
		stack = stack[:runtime.Stack(stack, false)]
		log.Printf("%v\n%s", &requestError{x.req.Method, x.req.URL, cause}, stack)
	}
	return cause
}

// answer gives the client the response, or the reason why there is none.
func (x *exchange) answer(err error) {
	x.err = err
	close(x.answered)
}

// inform tells the client's trace of a 1xx answer. An error is that the client
// wants no more of this request.
func (x *exchange) inform(status int, h http.Header) error {
	trace := httptrace.ContextClientTrace(x.req.Context())
	if trace == nil || trace.Got1xxResponse == nil {
		return nil
	}
	return trace.Got1xxResponse(status, textproto.MIMEHeader(h))
}

// firstByte tells the client's trace that an answer has begun.
func (x *exchange) firstByte() {
	trace := httptrace.ContextClientTrace(x.req.Context())
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
}

// abort tells the handler, and whoever still reads the body, that the request
// is over.
func (x *exchange) abort(err error) {
	x.pipe.abort(err)
	x.closeBody()
}

// A responseBody is the answer's body as the client sees it.
type responseBody struct{ x *exchange }

func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.x.pipe.read(p)
	if err == io.EOF {
		b.x.stopWatching()
	}
	return n, err
}

// Close cancels the handler, if there was more to read.
func (b *responseBody) Close() error {
	b.x.stopWatching()
	if !b.x.pipe.close() {
		b.x.abort(http.ErrBodyReadAfterClose)
	}
	return nil
}
