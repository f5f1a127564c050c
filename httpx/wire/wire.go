// Package wire has routes that come over the network, in what package propagation
// carries from one service to the next: they are off until a program allows them to
// destinations that it names. Most programs have no use for it.
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
	_ "github.com/scopetree/scope/httpx" // which tells package travel of routes
	"github.com/scopetree/scope/httpx/internal/address"
	"github.com/scopetree/scope/httpx/internal/travel"
)

// ErrDestination says that a route that came over the wire leads, or a server
// behind it redirects, to where [Routes] does not let it. Nothing was sent
// there.
var ErrDestination = errors.New("not a destination that is allowed for routes from the wire")

// An Entry lets routes travel from one process to another: it is an entry for
// package propagation. [Routes] makes one. Its methods may be called from
// any goroutine.
//
// What travels are the routes of a scope that lead to a URL, and its base URL,
// as far as they lead to one of the destinations. The others are left out:
// handlers and transports, which can't travel, and routes to servers of this
// process alone. So that a request whose route stayed behind does not reach the
// real host, have [httpx.Unrouted] travel as well, or bind it in the other process.
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
type Entry struct {
	destinations []destination // the most specific first
	transport    *http.Transport
	resolver     *net.Resolver // nil is the default one
	invalid      error
}

// Routes returns an entry that lets routes travel to the destinations and
// nowhere else. Of several that a target's host fits, the most specific counts.
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

// WithTLS has routes from the wire use c for https, so that they can trust a
// private authority, and returns e. A client certificate in c is shown to all
// destinations. It must be called before e is used.
func (e *Entry) WithTLS(c *tls.Config) *Entry {
	e.transport.TLSClientConfig = c.Clone()
	return e
}

// Name returns what routes are called on the wire.
func (e *Entry) Name() string { return "httpx.routes" }

// Err returns what is wrong with the destinations.
func (e *Entry) Err() error { return e.invalid }

// CloseIdleConnections closes those of routes that came over the wire. They are
// shared by all scopes.
func (e *Entry) CloseIdleConnections() { e.transport.CloseIdleConnections() }

// at returns the destination that an origin is at, nil if it is at none.
func (e *Entry) at(o address.Origin) *destination {
	for i := range e.destinations {
		if d := &e.destinations[i]; d.pattern.Takes(o) {
			return d
		}
	}
	return nil
}

// destination returns the one that a route may lead to, nil if it may to none.
func (e *Entry) destination(to address.Origin, from address.Pattern) *destination {
	if d := e.at(to); d != nil && d.takes(from) {
		return d
	}
	return nil
}

// Encode returns the routes of ctx's scope as text: a line for each, in the
// order in which they are tried, with the host, the target, and "keephost".
func (e *Entry) Encode(ctx context.Context) (text string, ok bool, err error) {
	if e.invalid != nil {
		return "", false, e.invalid
	}
	list, err := travel.Routes(ctx)
	if err != nil {
		return "", false, fmt.Errorf("httpx: %w", err)
	}
	var b strings.Builder
	everything := false
	for _, r := range list {
		host := asWritten(r.Hosts)
		if through, ok := r.Transport.(*sender); ok {
			r = through.route // it travels on
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

// asWritten returns a pattern as [address.ParsePattern] takes it. The base URL is a
// route for all: its place in the order is kept.
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

// Decode returns a binding of the routes that a text stands for.
func (e *Entry) Decode(text string) (scope.Binding, error) {
	if e.invalid != nil {
		return scope.Binding{}, e.invalid
	}
	var list []travel.Route
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		host, rest, _ := strings.Cut(line, " ")
		r, err := e.route(host, rest)
		if err == nil && slices.ContainsFunc(list, func(o travel.Route) bool { return o.Hosts == r.Hosts }) {
			err = errors.New("there twice")
		}
		if err != nil {
			return scope.Binding{}, fmt.Errorf("httpx: route %q: %w", host, err)
		}
		list = append(list, r)
	}
	return travel.Bind(list), nil
}

// route returns the route that a line has.
func (e *Entry) route(host, rest string) (travel.Route, error) {
	p, err := address.ParseHost(host)
	if err != nil {
		return travel.Route{}, err
	}
	raw, keepHost := strings.CutSuffix(rest, " keephost")
	if strings.ContainsFunc(raw, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return travel.Route{}, fmt.Errorf("target %q: not ASCII, in which a host travels", address.HideUser(raw))
	}
	target, err := address.ParseTarget(raw)
	if err != nil {
		return travel.Route{}, err
	}
	at := address.OriginOf(target)
	d := e.destination(at, p)
	if d == nil || !ascii(at.Host) { // package http dials a host in another form if it has other letters
		return travel.Route{}, fmt.Errorf("target %q: %w", raw, ErrDestination)
	}
	inner := travel.Route{Hosts: p, Target: target, KeepHost: keepHost}
	return travel.Route{Hosts: p, Transport: &sender{e, inner, d.Trusted}, What: raw + " (from the wire)"}, nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 })
}
