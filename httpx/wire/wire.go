// Package wire lets routes travel over the network, in the headers that package
// propagation carries from one service to the next. No route is accepted until the
// program names the destinations it may lead to. Most programs don't need this
// package.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scopetree/scope"
	_ "github.com/scopetree/scope/httpx" // sets the variables of package travel
	"github.com/scopetree/scope/httpx/internal/address"
	"github.com/scopetree/scope/httpx/internal/routing"
)

// ErrDestination means that a route from the wire leads to a destination that
// [Routes] does not allow, or that a server behind the route redirects there.
// Nothing was sent to that destination.
var ErrDestination = errors.New("not a destination that is allowed for routes from the wire")

// An Entry lets routes travel from one process to another. It is an entry for package
// propagation. Make one with [Routes]. Its methods may be called from any goroutine.
//
// A scope's routes and its base URL travel if they lead to one of the destinations.
// Other routes stay behind: handlers and transports, which can't travel, and routes
// to other targets, such as a server inside this process. A request whose route
// stayed behind would reach the real host. To refuse it, let [httpx.Unrouted] travel
// as well, or bind it in the other process.
//
// Routes arrive together. If one of them leads to no destination, all are refused.
// Otherwise they are bound, and these rules hold for their requests:
//
//   - The target's address is checked when it is dialled, after its name was
//     resolved. See [Destination.Networks].
//   - Credentials for the real host are not sent to a destination that is not
//     trusted. See [Destination.Trusted].
//   - A redirect is followed only if the same route takes the new URL. Any other
//     redirect is an error, such as one to the target's own absolute URL.
//   - The requests have a transport of their own. They don't use the proxy, the
//     dialer, the client certificate or any other setting of the client's transport.
type Entry struct {
	destinations []destination // the most specific first
	transport    *http.Transport
	resolver     *net.Resolver // nil is the default one
	invalid      error
}

// Routes returns an entry that allows routes to the given destinations, and to no
// others. If a target's host matches several, the most specific one counts.
func Routes(to ...Destination) *Entry {
	e := new(Entry)
	for _, d := range to {
		made, err := newDestination(d)
		if err == nil && slices.ContainsFunc(e.destinations, func(o destination) bool { return o.pattern == made.pattern }) {
			err = errors.New("named twice")
		}
		if err != nil {
			e.invalid = errors.Join(e.invalid, fmt.Errorf("httpx: destination %q: %w", d.Host, err))
		}
		e.destinations = append(e.destinations, made)
	}
	slices.SortStableFunc(e.destinations, func(a, b destination) int { return a.pattern.Compare(b.pattern) })
	e.transport = e.newTransport()
	return e
}

// WithTLS makes routes from the wire use c for https, such as to trust a private
// authority, and returns e. A client certificate in c is shown to all destinations.
// Call WithTLS before e is used.
func (e *Entry) WithTLS(c *tls.Config) *Entry {
	e.transport.TLSClientConfig = c.Clone()
	return e
}

// Name returns the name of the entry on the wire.
func (e *Entry) Name() string { return "httpx.routes" }

// Err returns an error that says which destinations are malformed, or nil.
func (e *Entry) Err() error { return e.invalid }

// CloseIdleConnections closes the idle connections of routes from the wire. All
// scopes share these connections.
func (e *Entry) CloseIdleConnections() { e.transport.CloseIdleConnections() }

// at returns the destination that o belongs to, or nil if there is none.
func (e *Entry) at(o address.Origin) *destination {
	for i := range e.destinations {
		if d := &e.destinations[i]; d.pattern.Takes(o) {
			return d
		}
	}
	return nil
}

// destination returns the destination that takes a route for the hosts from to the
// origin to, or nil if there is none.
func (e *Entry) destination(to address.Origin, from address.Pattern) *destination {
	if d := e.at(to); d != nil && d.takes(from) {
		return d
	}
	return nil
}

// Encode returns the routes of the scope that decides for ctx as text, in the order in
// which they are tried. Each line has the host, the target and perhaps "keephost".
func (e *Entry) Encode(ctx context.Context) (text string, ok bool, err error) {
	if e.invalid != nil {
		return "", false, e.invalid
	}
	routes, err := routing.Of(ctx)
	if err != nil {
		return "", false, fmt.Errorf("httpx: %w", err)
	}
	var b strings.Builder
	everything := false
	for _, r := range routes.All() {
		host := asWritten(r.Hosts)
		if through, ok := r.Transport.(*sender); ok {
			r = through.route // a route from the wire travels on
		}
		if r.Target == nil || e.destination(address.OriginOf(r.Target), r.Hosts) == nil || host == "*" && everything {
			continue
		}
		everything = everything || host == "*"
		fmt.Fprintf(&b, "%s %s", host, r.Target)
		if r.KeepHost {
			b.WriteString(" keephost")
		}
		b.WriteString("\n")
	}
	return b.String(), b.Len() > 0, nil
}

// asWritten returns a pattern in the form that [address.ParsePattern] takes. A base
// URL travels as a route for "*", at the same place in the order.
func asWritten(p address.Pattern) string {
	switch s := p.String(); {
	case p.Kind == address.BaseURL:
		return "*"
	case p.Port == "" && strings.Contains(s, ":"):
		return "[" + s + "]"
	default:
		return s
	}
}

// Decode returns a binding of the routes in text, which is the result of
// [Entry.Encode].
func (e *Entry) Decode(text string) (scope.Binding, error) {
	if e.invalid != nil {
		return scope.Binding{}, e.invalid
	}
	var list []routing.Route
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		host, rest, _ := strings.Cut(line, " ")
		r, err := e.route(host, rest)
		if err == nil && slices.ContainsFunc(list, func(o routing.Route) bool { return o.Hosts == r.Hosts }) {
			err = errors.New("listed twice")
		}
		if err != nil {
			return scope.Binding{}, fmt.Errorf("httpx: route %q: %w", host, err)
		}
		list = append(list, r)
	}
	return routing.Several.Bind(list), nil
}

// route returns the route of one line.
func (e *Entry) route(host, rest string) (routing.Route, error) {
	p, err := address.ParseHost(host)
	if err != nil {
		return routing.Route{}, err
	}
	raw, keepHost := strings.CutSuffix(rest, " keephost")
	if strings.ContainsFunc(raw, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return routing.Route{}, fmt.Errorf("target %q: not ASCII: write the host in its ASCII form", address.HideUser(raw))
	}
	inner := routing.Route{Hosts: p, KeepHost: keepHost}
	if err := inner.SetTarget(raw); err != nil {
		return routing.Route{}, err
	}
	at := address.OriginOf(inner.Target)
	d := e.destination(at, p)
	if d == nil || !ascii(at.Host) { // package http would dial another form of a host that isn't ASCII
		return routing.Route{}, fmt.Errorf("target %q: %w", raw, ErrDestination)
	}
	return routing.Route{Hosts: p, Transport: &sender{e, inner, d.Trusted}, What: raw + " (from the wire)"}, nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
