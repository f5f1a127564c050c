package httpx

import (
	"context"
	"errors"
	"net/http"

	"github.com/scopetree/scope/httpx/internal/routing"
)

// A Transport is an http.RoundTripper that sends each request along the route that
// its scope has for it. A request without a route goes to its own host. The scope is
// the one that the request's context carries, or else that of the goroutine that
// calls RoundTrip. It is looked up once, on entry. A request fails before anything is
// sent if a route or the base URL is malformed, if the scope has ended, or if
// [Unrouted] refuses the request.
//
// A Transport keeps to the contract of http.RoundTripper. The response's Request is
// the caller's own, so cookies, redirects and relative locations are those of the
// requested URL.
//
// The zero Transport works. A Transport may be used by many goroutines.
type Transport struct {
	// Base sends the requests that no handler in memory and no route's own
	// transport answers. If it is nil, they go through http.DefaultTransport,
	// or, after [Install], through the transport that Install sends through.
	Base http.RoundTripper
}

// Wrap returns a [*Transport] that sends through rt, for clients with a transport of
// their own. If rt is a *Transport, Wrap returns rt. It may be http.DefaultTransport,
// before Install or after it. For a nil rt see [Transport.Base].
func Wrap(rt http.RoundTripper) http.RoundTripper {
	if t, ok := rt.(*Transport); ok && t != nil {
		return t
	}
	return &Transport{Base: rt}
}

// Client returns a new client that sends through a zero [Transport].
func Client() *http.Client { return &http.Client{Transport: new(Transport)} }

// RoundTrip sends a request along its route. See [Transport].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	return roundTrip(req, t.base)
}

// CloseIdleConnections calls Base's method of that name, if it has one.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.through().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// base returns the transport that t sends through in ctx's scope.
func (t *Transport) base(ctx context.Context) http.RoundTripper {
	return direct(ctx, t.through()) // the route is decided once for each request
}

// through returns Base, or its replacement if Base is nil.
func (t *Transport) through() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	d, ok := http.DefaultTransport.(*Transport)
	switch {
	case !ok:
		return http.DefaultTransport
	case d.Base == nil:
		return packageHTTPs // a zero Transport in http.DefaultTransport would be its own base
	}
	return d.Base
}

// roundTrip decides where a request goes, and sends it there. If nothing is sent,
// roundTrip closes the request's body. Otherwise the transport does.
func roundTrip(req *http.Request, base func(context.Context) http.RoundTripper) (*http.Response, error) {
	if req.URL == nil {
		return nil, fail(req, errors.New("nil Request.URL"))
	}
	ctx := req.Context()
	r, tokens, err := decide(ctx, req)
	switch {
	case err != nil:
		noteFailure(ctx, req, err)
		return nil, fail(req, err)
	case r == nil && tokens:
		return sendUnrouted(ctx, base(ctx), req)
	case r == nil:
		return send(base(ctx), req, req)
	}
	rt, out := r.Transport, req
	if rt == nil {
		rt = base(ctx)
		if out, err = r.Redirect(req); err != nil {
			noteFailure(ctx, req, err)
			return nil, fail(req, err)
		}
	}
	note(ctx, r, req)
	resp, err := send(rt, out, req)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// decide returns the route of a request, or nil if the request goes to its own host.
// In that case tokens says whether the request may carry a token. The error says why
// the request can't be sent at all.
func decide(ctx context.Context, req *http.Request) (_ *routing.Route, tokens bool, err error) {
	routes, err := routing.Of(ctx)
	if err != nil {
		return nil, false, err
	}
	r, known := find(routes, req.URL)
	switch {
	case r == nil && req.URL.Host == "" && policy(routes) != Allow:
		return nil, false, errors.New("the URL has no host: perhaps a base URL is not set")
	case r == nil && !known && policy(routes).refuses(req.URL):
		return nil, false, refusal(ctx, req.URL, routes)
	case r == nil:
		return nil, sendsToken(routes), nil
	case r.Invalid != nil:
		return nil, false, r.Invalid
	case req.Method == http.MethodConnect && r.Transport == nil:
		return nil, false, errors.New("a CONNECT can't be routed: a tunnel has no path or header to rewrite")
	}
	return r, false, nil
}

// send sends out through rt, as the caller's request req.
func send(rt http.RoundTripper, out, req *http.Request) (*http.Response, error) {
	resp, err := rt.RoundTrip(out)
	if err != nil {
		return nil, timeoutError(req, err)
	}
	if resp == nil {
		return nil, nil // package http's own error names the transport's type
	}
	if canceled(req) != nil && resp.Body != nil && resp.StatusCode != http.StatusSwitchingProtocols {
		resp.Body = &body{resp.Body, req}
	}
	return resp, nil
}

// fail closes the request's body and returns an error that names the request.
func fail(req *http.Request, err error) error {
	closeBody(req)
	return routing.Error(req, err)
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}
