package httpx

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/address"
	"github.com/scopetree/scope/httpx/internal/noscope"
	"github.com/scopetree/scope/internal/engine"
)

// routing is the only key that a request looks up. Its value holds everything that
// the request's scope and those around it bind about requests. A nil *routes means
// that nothing is bound.
var routing = scope.NewKey[*routes]("httpx.routes", nil)

func init() {
	engine.Collect(oneRoute, routing, addRoute)
	engine.Collect(travelled, routing, addTravelled)
	engine.Collect(BaseURL, routing, addBaseURL)
	engine.Collect(Unrouted, routing, addUnrouted)
	engine.Collect(SendToken, routing, addSendToken)
	engine.Hide(oneRoute) // routing already lists it
	engine.Hide(travelled)
}

// routesOf returns the routes of ctx's scope. The error says why no request of that
// scope can be sent.
func routesOf(ctx context.Context) (*routes, error) {
	rs, err := engine.Look(ctx, routing)
	if err != nil {
		return nil, err
	}
	if rs == nil {
		rs = unscopedRoutes(ctx)
	}
	if rs != nil && rs.invalid != nil {
		return nil, rs.invalid
	}
	return rs, nil
}

// unscopedRoutes returns the routes for requests in no scope, if no scope decides
// for ctx.
func unscopedRoutes(ctx context.Context) *routes {
	other, ok := noscope.Context()
	if !ok || engine.Identity(ctx) != nil {
		return nil
	}
	rs, _ := engine.Look(other, routing)
	return rs
}

// A routes is immutable once its scope is made.
type routes struct {
	list    []route // the nearest scope's first, and within a scope the most specific first
	nearest int     // how many routes are the nearest scope's own
	invalid error   // from the first malformed route; nothing is sent then

	// The values of Unrouted and SendToken, or nil if no scope binds them.
	unrouted  *Policy
	sendToken *bool
}

func addRoute(rs *routes, r route, fresh bool) *routes { return rs.add(r, fresh) }

func addBaseURL(rs *routes, raw string, fresh bool) *routes {
	return rs.add(routeToBaseURL(raw), fresh)
}

func addUnrouted(rs *routes, p Policy, fresh bool) *routes {
	made := rs.next(fresh)
	made.unrouted = &p
	return made
}

func addSendToken(rs *routes, send bool, fresh bool) *routes {
	made := rs.next(fresh)
	made.sendToken = &send
	return made
}

// next returns a copy that may be changed. If fresh is true, the copy is for a new
// nearest scope.
func (rs *routes) next(fresh bool) *routes {
	made := new(routes)
	if rs != nil {
		*made = *rs
	}
	if fresh {
		made.nearest = 0
	}
	return made
}

// policy returns the policy for a request that no route takes.
func (rs *routes) policy() Policy {
	if rs == nil || rs.unrouted == nil {
		return Unrouted.Default()
	}
	return *rs.unrouted
}

// sendsToken says whether a request that no route takes may carry a token.
func (rs *routes) sendsToken() bool {
	if rs == nil || rs.sendToken == nil {
		return SendToken.Default()
	}
	return *rs.sendToken
}

// routeToBaseURL returns a route for requests that no other route takes. For an empty
// URL the route has no target, and hides the base URLs of the scopes around it.
func routeToBaseURL(raw string) route {
	r := route{what: raw}
	if raw != "" {
		if r.invalid = r.to(raw); r.invalid != nil {
			r.invalid = fmt.Errorf("httpx.base_url: %w", r.invalid)
		}
	}
	return r
}

// add returns a copy of rs with r added to the nearest scope's routes, or to those of
// a new nearest scope if fresh is true. An earlier route with the same pattern would
// never be tried, so add drops it.
func (rs *routes) add(r route, fresh bool) *routes {
	made := rs.next(fresh)
	other := func(o route) bool { return o.pattern != r.pattern }
	own, outer := filter(made.list[:made.nearest], other), filter(made.list[made.nearest:], other)
	at, _ := slices.BinarySearchFunc(own, r, func(o, r route) int { return o.pattern.Compare(r.pattern) })
	return made.with(slices.Insert(own, at, r), outer)
}

// with sets the routes of rs to own and outer, and returns rs. It may append to own.
func (rs *routes) with(own, outer []route) *routes {
	rs.list, rs.nearest, rs.invalid = append(own, outer...), len(own), nil
	for i := range rs.list {
		rs.invalid = cmp.Or(rs.invalid, rs.list[i].invalid)
	}
	return rs
}

// filter returns a new slice with the routes for which keep returns true.
func filter(list []route, keep func(route) bool) []route {
	return slices.DeleteFunc(slices.Clone(list), func(r route) bool { return !keep(r) })
}

// find returns the route for a URL, or nil if the request goes to the URL's own host.
// known is false if no route takes the URL, and true if the URL is at a target
// already. No route takes a URL that has no host or is neither http nor https.
// Package http has its own errors for these.
func (rs *routes) find(u *url.URL) (r *route, known bool) {
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, false
	}
	base := defaultRoute()
	if base == nil && len(rs.all()) == 0 {
		return nil, false
	}
	o := address.OriginOf(u)
	switch r = rs.taking(o, base); {
	case r == nil || r.pattern.Kind != address.OneHost && rs.leadsTo(o):
		return nil, rs.leadsTo(o)
	case r.target != nil && r.origin == o:
		return nil, true
	}
	return r, true
}

// taking returns the first route that takes requests to o. If no route takes them, it
// returns base, or nil if an empty base URL hides it.
func (rs *routes) taking(o address.Origin, base *route) *route {
	for i := range rs.all() {
		r := &rs.list[i]
		switch {
		case r.pattern.Kind == address.BaseURL && r.target == nil:
			base = nil
		case r.pattern.Kind == address.BaseURL, r.pattern.Takes(o):
			return r
		}
	}
	return base
}

// leadsTo says whether a route has a target at o.
func (rs *routes) leadsTo(o address.Origin) bool {
	for i := range rs.all() {
		if r := &rs.list[i]; r.target != nil && r.origin == o {
			return true
		}
	}
	return false
}

func (rs *routes) all() []route {
	if rs == nil {
		return nil
	}
	return rs.list
}

// String lists the routes for an error.
func (rs *routes) String() string {
	var lines []string
	for _, r := range rs.all() {
		if r.what != "" {
			lines = append(lines, r.String())
		}
	}
	if lines == nil {
		return "none"
	}
	return strings.Join(lines, ", ")
}

// defaultRoute returns the route to the default of BaseURL, or nil if that is "". It
// parses each default once.
func defaultRoute() *route {
	raw := BaseURL.Default()
	if raw == "" {
		return nil
	}
	if d := lastDefault.Load(); d != nil && d.what == raw {
		return d
	}
	r := routeToBaseURL(raw)
	lastDefault.Store(&r)
	return &r
}

var lastDefault atomic.Pointer[route]
