package httpx

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/address"
	"github.com/scopetree/scope/httpx/internal/routing"
)

// BaseURL is the target of every request that no route of the same or a nearer scope
// takes, such as "http://127.0.0.1:8080/v3". It has the form of a target of [Route].
// With "", the default, such requests go to their own host. A request that goes to
// the base URL is not looked up again, so a route for the base URL's host does not
// take it.
var BaseURL = scope.NewKey("httpx.base_url", "")

// Unrouted says what happens to a scope's requests that no route takes. It applies
// to requests that go through this package, but not to those that are at the target of a
// route of the scope already, which are always sent. To keep tests off the network, set its
// default to [RefuseRemote] in TestMain. Then no goroutine reaches another machine
// without a route, even in no scope, and tests can still call their own servers.
var Unrouted = scope.NewKey("httpx.unrouted", Allow)

// A Policy is a value of [Unrouted]. The zero Policy is Allow.
type Policy int

const (
	Allow        Policy = iota // the request goes to the host in its URL
	Refuse                     // the request fails, and nothing is sent
	RefuseRemote               // like Refuse, but allows localhost and loopback addresses
)

// refuses says whether p refuses a request to u that no route takes. An unknown
// Policy refuses: it may come over the wire from a later version.
func (p Policy) refuses(u *url.URL) bool {
	return p != Allow && (p != RefuseRemote || !isLoopback(u))
}

// String returns a Policy's name, such as "Allow".
func (p Policy) String() string {
	switch p {
	case Allow:
		return "Allow"
	case Refuse:
		return "Refuse"
	case RefuseRemote:
		return "RefuseRemote"
	}
	return fmt.Sprintf("Policy(%d)", int(p))
}

// ErrRefused means that no route takes a request, and that [Unrouted] refuses it.
// Nothing was sent.
var ErrRefused = errors.New("refused")

// Route returns a binding that sends the scope's requests for host to target.
//
// host is a host as in a URL, "*.example.com" for all hosts below a domain, or "*"
// for all hosts. Without a port it matches any port. If several routes take a
// request, the nearest scope's wins, and within one scope the most specific. Two routes
// are for the same host if both have the same port, or none. The later one replaces the
// earlier: in a scope, and in those derived from it.
//
// target is an http or https URL with a host. It may have a port and a path, but
// nothing more. The request gets the target's scheme, host and Host header. Its path
// is appended to the target's path, and its escapes and query are kept. The original
// host and scheme are sent in X-Forwarded-Host and X-Forwarded-Proto, unless the
// request has these headers already. A request to the target itself is left alone.
//
// If host or target is malformed, every request of the scope fails with an error
// that names it.
func Route(host, target string, opts ...RouteOption) scope.Binding {
	r := routing.Route{What: target, KeepHost: allOf(opts).keepHost}
	if r.Invalid = r.SetTarget(target); r.Invalid != nil {
		r.What = address.HideUser(target)
	}
	return bind(host, r)
}

// CheckRoute returns the error that every request would get in a scope with
// Route(host, target), or nil if the route is valid. Use it when you load a
// configuration. CheckRoute resolves and sends nothing.
func CheckRoute(host, target string) error {
	_, err := address.ParsePattern(host)
	if err == nil {
		_, err = address.ParseTarget(target)
	}
	if err != nil {
		return fmt.Errorf("httpx: route %q: %w", host, err)
	}
	return nil
}

// A RouteOption changes how a route sends requests on. The zero RouteOption changes
// nothing, and neither does an option that a function is not documented to take.
type RouteOption struct{ keepHost, http2 bool }

var (
	// KeepHost keeps the request's Host header and adds no X-Forwarded headers. Use
	// it for a target that serves several hosts, or that checks a signature over the
	// Host. It is an option of [Route]: httpx.Route(host, target, httpx.KeepHost).
	KeepHost = RouteOption{keepHost: true}

	// HTTP2 makes the connections to a handler HTTP/2 only, so that both sides can
	// send at any time. It is an option of [RouteHandler] and [HandlerTransport].
	HTTP2 = RouteOption{http2: true}
)

func allOf(opts []RouteOption) (all RouteOption) {
	for _, o := range opts {
		all.keepHost = all.keepHost || o.keepHost
		all.http2 = all.http2 || o.http2
	}
	return all
}

// RouteHandler returns a binding that answers the scope's requests for host by
// calling h. host is as in [Route]. Package http's own server calls h, over a
// connection in memory. There is no socket, and everything else is as with one. h
// sees the request as it was sent, and r.TLS is set for https. h runs in the scope of
// the request, and sees no other value of the client's context. RouteHandler works
// in a bubble of testing/synctest, and takes the option [HTTP2].
//
// Connections belong to the sending scope, or to the nearest one around it that
// ends. They are closed when that scope ends, and a request that is under way then
// fails. If there is no such scope, each request has its own connection. The same holds
// in a bubble, unless the scope is a test's that is in the bubble, or below that.
//
// If h is nil, every request of the scope fails with an error that says so, as for a
// malformed host.
func RouteHandler(host string, h http.Handler, opts ...RouteOption) scope.Binding {
	r := routing.Route{What: fmt.Sprintf("handler %T", h)}
	if h == nil {
		r.Invalid = errors.New("nil handler")
	} else {
		r.Transport = newHandlerTransport(h, allOf(opts).http2)
	}
	return bind(host, r)
}

// RouteTransport returns a binding that makes rt send the scope's requests for host.
// host is as in [Route]. rt sees the request as it was sent. If rt has a String
// method, errors that list the route show its result. If rt is nil, every request of the
// scope fails with an error that says so, as for a malformed host.
func RouteTransport(host string, rt http.RoundTripper) scope.Binding {
	r := routing.Route{What: fmt.Sprintf("transport %T", rt), Transport: rt}
	switch rt := rt.(type) {
	case nil:
		r.Invalid = errors.New("nil transport")
	case fmt.Stringer:
		r.What = fmt.Sprint(rt) // not rt.String(), which may panic on a nil pointer
	}
	return bind(host, r)
}

func bind(host string, r routing.Route) scope.Binding {
	p, err := address.ParsePattern(host)
	r.Hosts, r.Written = p, p.String()
	if p.Kind != address.Malformed && strings.ContainsFunc(host, func(c rune) bool { return c >= utf8.RuneSelf }) {
		r.Written = host // not the ASCII form that is sent
	}
	if r.Invalid = cmp.Or(err, r.Invalid); r.Invalid != nil {
		r.Invalid = fmt.Errorf("route %q: %w", host, r.Invalid)
	}
	return routing.One.Bind(r)
}
