package httpx

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/scopetree/scope"
)

// ErrDestination says that a route that came over the wire leads, or a server
// behind it redirects, to where [WireRoutes] does not let it. Nothing was sent
// there.
var ErrDestination = errors.New("not a destination that is allowed for routes from the wire")

// Wire lets routes travel from one process to another: it is an entry for
// package propagation. [WireRoutes] makes one. Its methods may be called from
// any goroutine.
//
// What travels are the routes of a scope that lead to a URL, and its base URL,
// as far as they lead to one of the destinations. The others are left out:
// handlers and transports, which can't travel, and routes to servers of this
// process alone. So that a request whose route stayed behind does not reach the
// real host, have [Unrouted] travel as well, or bind it in the other process.
//
// Routes that arrive are refused, all that came together, where one of them
// leads to no destination. The others are bound with what makes them safe:
//
//   - The address that the target's name stands for is checked when it is
//     dialled, after the name was resolved. See [Destination.Networks].
//   - What the request has for the real host alone is not sent to a destination
//     that is not trusted. See [Destination.Trusted].
//   - A redirect is followed as far as the same route takes it. Any other,
//     such as one to the target's own absolute URL, is an error.
//   - They are sent with a transport of their own, without a proxy, a dialer, a
//     client certificate or what else the client's transport has.
type Wire struct {
	destinations []destination // the most specific first
	transport    *http.Transport
	resolver     *net.Resolver // nil is the default one
	invalid      error
}

// WireRoutes returns an entry that lets routes travel to the destinations and
// nowhere else. Of several that a target's host fits, the most specific counts.
func WireRoutes(to ...Destination) *Wire {
	w := new(Wire)
	for _, d := range to {
		made, err := newDestination(d)
		if err == nil && slices.ContainsFunc(w.destinations, func(o destination) bool { return o.pattern == made.pattern }) {
			err = errors.New("named twice")
		}
		if err != nil {
			w.invalid = errors.Join(w.invalid, fmt.Errorf("httpx: destination %q: %w", d.Host, err))
		}
		w.destinations = append(w.destinations, made)
	}
	slices.SortStableFunc(w.destinations, func(a, b destination) int { return a.pattern.compare(b.pattern) })
	w.transport = w.newTransport()
	return w
}

// WithTLS has routes from the wire use c for https, so that they can trust a
// private authority, and returns w. A client certificate in c is shown to all
// destinations. It must be called before w is used.
func (w *Wire) WithTLS(c *tls.Config) *Wire {
	w.transport.TLSClientConfig = c.Clone()
	return w
}

// Name returns what routes are called on the wire.
func (w *Wire) Name() string { return "httpx.routes" }

// Err returns what is wrong with the destinations.
func (w *Wire) Err() error { return w.invalid }

// CloseIdleConnections closes those of routes that came over the wire. They are
// shared by all scopes.
func (w *Wire) CloseIdleConnections() { w.transport.CloseIdleConnections() }

// at returns the destination that an origin is at, nil if it is at none.
func (w *Wire) at(o origin) *destination {
	for i := range w.destinations {
		if d := &w.destinations[i]; d.pattern.takes(o) {
			return d
		}
	}
	return nil
}

// destination returns the one that a route may lead to, nil if it may to none.
func (w *Wire) destination(to origin, from pattern) *destination {
	if d := w.at(to); d != nil && d.takes(from) {
		return d
	}
	return nil
}

// Encode returns the routes of ctx's scope as text: a line for each, in the
// order in which they are tried, with the host, the target, and "keephost".
func (w *Wire) Encode(ctx context.Context) (text string, ok bool, err error) {
	if w.invalid != nil {
		return "", false, w.invalid
	}
	rs, err := routesOf(ctx)
	if err != nil {
		return "", false, fmt.Errorf("httpx: %w", err)
	}
	var b strings.Builder
	everything := false
	for i := range rs.all() {
		r := &rs.list[i]
		host := wireHost(r.pattern)
		if through, ok := r.transport.(*wireRoute); ok {
			r = &through.route // it travels on
		}
		if r.target == nil || w.destination(r.origin, r.pattern) == nil || host == "*" && everything {
			continue
		}
		everything = everything || host == "*"
		fmt.Fprintf(&b, "%s %s", host, r.target)
		if r.keepHost {
			b.WriteString(" keephost")
		}
		b.WriteString("\n")
	}
	return b.String(), b.Len() > 0, nil
}

// wireHost returns a pattern as [parsePattern] takes it. The base URL is a
// route for all: its place in the order is kept.
func wireHost(p pattern) string {
	switch s := p.String(); {
	case p.kind == baseURL:
		return "*"
	case p.port == "" && strings.Contains(s, ":"):
		return "[" + s + "]"
	default:
		return s
	}
}

// Decode returns a binding of the routes that a text stands for.
func (w *Wire) Decode(text string) (scope.Binding, error) {
	if w.invalid != nil {
		return scope.Binding{}, w.invalid
	}
	var list []route
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		host, rest, _ := strings.Cut(line, " ")
		r, err := w.route(host, rest)
		if err == nil && slices.ContainsFunc(list, func(o route) bool { return o.pattern == r.pattern }) {
			err = errors.New("there twice")
		}
		if err != nil {
			return scope.Binding{}, fmt.Errorf("httpx: route %q: %w", host, err)
		}
		list = append(list, r)
	}
	return wired.Bind(list), nil
}

// route returns the route that a line has.
func (w *Wire) route(host, rest string) (route, error) {
	p, err := parseHost(host)
	if err != nil {
		return route{}, err
	}
	target, keepHost := strings.CutSuffix(rest, " keephost")
	inner := route{pattern: p, keepHost: keepHost}
	if err := inner.to(target); err != nil {
		return route{}, err
	}
	d := w.destination(inner.origin, p)
	if d == nil || !ascii(inner.origin.host) { // package http dials a host in another form if it has other letters
		return route{}, fmt.Errorf("target %q: %w", target, ErrDestination)
	}
	return route{pattern: p, transport: &wireRoute{w, inner, d.Trusted}, what: target + " (from the wire)"}, nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}

// wired is the key that Decode binds. One binding has all the routes, in their
// order: bound one by one, in one scope, they would be tried by how specific
// they are, and not by how near they were.
var wired = scope.NewKey[[]route]("httpx.wire_routes", nil, scope.Collect(routing, addWired))

// addWired puts the routes before all others. It is for scope.Collect.
func addWired(rs *routes, list []route, _ bool) *routes {
	made := rs.next(true)
	return made.with(slices.Clone(list), filter(made.list, func(o route) bool {
		return !slices.ContainsFunc(list, func(r route) bool { return r.pattern == o.pattern })
	}))
}
