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

// routing is the one key that a request asks for: all that its scope and those
// around it say of requests. A nil *routes says nothing.
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

// routesOf returns the routes of ctx's scope. An error is why no request of
// that scope can be sent.
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

// unscopedRoutes returns the routes for requests in no scope, if ctx has none.
func unscopedRoutes(ctx context.Context) *routes {
	other, ok := noscope.Context()
	if !ok || engine.Identity(ctx) != nil {
		return nil
	}
	rs, _ := engine.Look(other, routing)
	return rs
}

// routes is immutable once its scope is made.
type routes struct {
	list    []route // the nearest scope's first, and in a scope the most specific
	nearest int     // how many are the nearest scope's own
	invalid error   // the first malformed one: nothing is sent then

	// What the keys of these names are bound to; nil where no scope binds them.
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

// next returns a copy to change, for the same scope or a new nearest one.
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

// policy returns what becomes of a request that no route takes.
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

// routeToBaseURL returns a route for all that no other takes. For an empty URL
// it is one that leads nowhere, and hides those of the scopes around.
func routeToBaseURL(raw string) route {
	r := route{what: raw}
	if raw != "" {
		if r.invalid = r.to(raw); r.invalid != nil {
			r.invalid = fmt.Errorf("httpx.base_url: %w", r.invalid)
		}
	}
	return r
}

// add returns the routes with r among those of the nearest scope, or, when it
// is the first of them, of a new nearest scope. A route with the same pattern
// is never tried again, so it is left out.
func (rs *routes) add(r route, fresh bool) *routes {
	made := rs.next(fresh)
	other := func(o route) bool { return o.pattern != r.pattern }
	own, outer := filter(made.list[:made.nearest], other), filter(made.list[made.nearest:], other)
	at, _ := slices.BinarySearchFunc(own, r, func(o, r route) int { return o.pattern.Compare(r.pattern) })
	return made.with(slices.Insert(own, at, r), outer)
}

// with makes own, which it may append to, and outer the routes of rs, and
// returns rs.
func (rs *routes) with(own, outer []route) *routes {
	rs.list, rs.nearest, rs.invalid = append(own, outer...), len(own), nil
	for i := range rs.list {
		rs.invalid = cmp.Or(rs.invalid, rs.list[i].invalid)
	}
	return rs
}

// filter returns a new slice of those that keep keeps.
func filter(list []route, keep func(route) bool) []route {
	return slices.DeleteFunc(slices.Clone(list), func(r route) bool { return !keep(r) })
}

// find returns the route for a URL, nil if it goes where it was sent: because
// none takes it, and known is false, or because it is for a target already. None
// takes a URL that is not http or https or has no host: package http says what
// is wrong with it.
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

// taking returns the first route that takes what is sent to an origin. base is
// for what none takes, and no route hides it.
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

// leadsTo says whether some route's target is at an origin.
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

// defaultRoute returns the route to the default of BaseURL, nil without one.
// It is parsed once for each default.
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
