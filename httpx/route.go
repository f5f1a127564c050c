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
)

// BaseURL is where every outgoing request of a scope goes that no route of the
// same or a nearer scope takes, such as "http://127.0.0.1:8080/v3". Empty, its
// default, is nowhere: requests go where they were sent. What [Route] says of
// targets holds for it too. A request that it has sent on is not looked up
// again: another route of the target's host does not see it.
var BaseURL = scope.NewKey("httpx.base_url", "")

// Unrouted says what becomes of the requests of a scope that no route takes. It
// holds for requests that go through this package. With its default set to
// [RefuseRemote], in TestMain, no goroutine reaches the world without a route,
// those without a scope included, and tests call servers of their own as ever.
var Unrouted = scope.NewKey("httpx.unrouted", Allow)

// A Policy is a value of [Unrouted]. The zero Policy is Allow.
type Policy int

const (
	Allow        Policy = iota // the request goes where it was sent
	Refuse                     // it is an error, and nothing is sent
	RefuseRemote               // as Refuse, but for localhost and loopback addresses
)

// refuses says what p is for a request that no route takes. A Policy of a later
// version, which came over the wire, is one that refuses.
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

// ErrRefused says that no route took a request in a scope that binds
// [Unrouted] to [Refuse] or [RefuseRemote]. Nothing was sent.
var ErrRefused = errors.New("refused")

// Route returns a binding that sends the scope's requests for host to target.
//
// host is a host as it stands in a URL, with a port or, for any port, without;
// "*.example.com" for the hosts below a domain; or "*" for all. Of several that
// take a request the nearest scope's counts, then the most specific.
//
// target is an http or https URL with a host, perhaps a port and a path, and
// nothing more. Scheme and host become the target's, the request's path follows
// the target's, and escapes and the query stay as they are. The Host header
// becomes the target's too; the original travels in X-Forwarded-Host and
// X-Forwarded-Proto, unless the request has these already. A request that is for the target already is left alone.
//
// A host or a target that is malformed makes every request of the scope an
// error that names it.
func Route(host, target string, opts ...RouteOption) scope.Binding {
	r := route{what: target, keepHost: allOf(opts).keepHost}
	if r.invalid = r.to(target); r.invalid != nil {
		r.what = address.HideUser(target)
	}
	return bind(host, r)
}

// CheckRoute returns the error that every request would get in a scope with
// Route(host, target), nil if the route is good: for where a configuration is
// loaded. Nothing is resolved or sent.
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
// nothing.
type RouteOption struct{ keepHost, http2 bool }

var (
	// KeepHost keeps the request's Host as it was, for targets that serve several
	// hosts or check a signature over it. No X-Forwarded headers are added then. It
	// is for [Route]: httpx.Route(host, target, httpx.KeepHost).
	KeepHost = RouteOption{keepHost: true}

	// HTTP2 has a handler speak HTTP/2, and nothing else, so that both sides can
	// send at any time. It is for [RouteHandler] and [HandlerTransport].
	HTTP2 = RouteOption{http2: true}
)

func allOf(opts []RouteOption) (all RouteOption) {
	for _, o := range opts {
		all.keepHost = all.keepHost || o.keepHost
		all.http2 = all.http2 || o.http2
	}
	return all
}

// RouteHandler returns a binding that answers the scope's requests for host, as in
// [Route], by calling h. Package http's own server calls it, over a connection in
// memory: there is no socket, and all else is as it is with one. h sees the request
// as it was sent, and r.TLS is set for https. h runs in the scope of the request,
// and gets no other value of the client's context. It works in a bubble of
// testing/synctest. It takes the option [HTTP2].
//
// Connections belong to the scope with a lifetime that sends, and are closed when
// that ends. Without such a scope there is one for each request.
func RouteHandler(host string, h http.Handler, opts ...RouteOption) scope.Binding {
	r := route{what: fmt.Sprintf("handler %T", h)}
	if h == nil {
		r.invalid = errors.New("nil handler")
	} else {
		r.transport = newHandlerTransport(h, allOf(opts).http2)
	}
	return bind(host, r)
}

// RouteTransport returns a binding that has rt send the scope's requests for
// host, as in [Route]. rt sees the request as it was sent. Where errors list
// the route, they show rt.String, if rt has that method.
func RouteTransport(host string, rt http.RoundTripper) scope.Binding {
	r := route{what: fmt.Sprintf("transport %T", rt), transport: rt}
	switch rt := rt.(type) {
	case nil:
		r.invalid = errors.New("nil transport")
	case fmt.Stringer:
		r.what = fmt.Sprint(rt) // which minds a nil in rt
	}
	return bind(host, r)
}

// A route takes requests for some hosts and says where they go: to target, or
// else through transport. The base URL is one as well.
type route struct {
	pattern   address.Pattern
	written   string // the pattern, as errors list it
	target    *url.URL
	origin    address.Origin // the target's
	transport http.RoundTripper
	keepHost  bool
	what      string // the target, handler or transport, for people
	invalid   error  // why it can't be used
}

// to makes the route lead to a target.
func (r *route) to(target string) error {
	u, err := address.ParseTarget(target)
	if err == nil {
		r.target, r.origin = u, address.OriginOf(u)
	}
	return err
}

// oneRoute is the key that Route and its like bind; routing collects them.
var oneRoute = scope.NewKey("httpx.route", route{})

func bind(host string, r route) scope.Binding {
	p, err := address.ParsePattern(host)
	r.pattern, r.written = p, p.String()
	if p.Kind != address.Malformed && strings.ContainsFunc(host, func(c rune) bool { return c >= utf8.RuneSelf }) {
		r.written = host // and not what it is sent as
	}
	if r.invalid = cmp.Or(err, r.invalid); r.invalid != nil {
		r.invalid = fmt.Errorf("route %q: %w", host, r.invalid)
	}
	return oneRoute.Bind(r)
}

// String returns a line for the list of routes in an error.
func (r route) String() string { return cmp.Or(r.written, r.pattern.String()) + " → " + r.what }
