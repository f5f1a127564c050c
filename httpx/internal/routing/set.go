package routing

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/address"
	"github.com/scopetree/scope/internal/engine"
)

// Key is the only key that a request looks up. Its value has everything that the
// request's scope and those around it bind about requests. A nil *Set means that nothing
// is bound.
var Key = scope.NewKey[*Set]("httpx.routes", nil)

// One is the key of one route.
var One = scope.NewKey("httpx.route", Route{})

// Several is the key of routes that came over the wire. One binding holds all of them, in
// their order. Bound one by one in one scope, the most specific would be tried first, and
// not the nearest.
var Several = scope.NewKey[[]Route]("httpx.wire_routes", nil)

func init() {
	engine.Collect(One, Key, (*Set).Add)
	engine.Collect(Several, Key, func(s *Set, list []Route, _ bool) *Set { return s.addAll(list) })
	engine.Hide(One) // Key already lists it
	engine.Hide(Several)
}

// Of returns the routes of ctx's scope. The error says why no request of that scope can be
// sent.
func Of(ctx context.Context) (*Set, error) {
	s, err := engine.Look(ctx, Key)
	if err != nil {
		return nil, err
	}
	if s == nil {
		s = unscoped(ctx)
	}
	if s != nil && s.invalid != nil {
		return nil, s.invalid
	}
	return s, nil
}

// A Set is the routes of a scope, and of the scopes around it. It is immutable once its
// scope is made. A nil Set has no routes.
type Set struct {
	list    []Route // the nearest scope's first, and within a scope the most specific first
	nearest int     // how many routes are the nearest scope's own
	invalid error   // from the first malformed route; nothing is sent then

	// The values of httpx.Unrouted, which is a httpx.Policy, and of httpx.SendToken. They
	// are nil if no scope binds them.
	Unrouted  *int
	SendToken *bool
}

// Next returns a copy that may be changed. If fresh is true, the copy is for a new
// nearest scope.
func (s *Set) Next(fresh bool) *Set {
	made := new(Set)
	if s != nil {
		*made = *s
	}
	if fresh {
		made.nearest = 0
	}
	return made
}

// Add returns a copy of s with r added to the nearest scope's routes, or to those of
// a new nearest scope if fresh is true. An earlier route with the same pattern would
// never be tried, so Add drops it.
func (s *Set) Add(r Route, fresh bool) *Set {
	made := s.Next(fresh)
	other := func(o Route) bool { return o.Hosts != r.Hosts }
	own, outer := filter(made.list[:made.nearest], other), filter(made.list[made.nearest:], other)
	at, _ := slices.BinarySearchFunc(own, r, func(o, r Route) int { return o.Hosts.Compare(r.Hosts) })
	return made.with(slices.Insert(own, at, r), outer)
}

// addAll returns a copy of s with the routes in list before all others.
func (s *Set) addAll(list []Route) *Set {
	made := s.Next(true)
	return made.with(slices.Clone(list), filter(made.list, func(o Route) bool {
		return !slices.ContainsFunc(list, func(r Route) bool { return r.Hosts == o.Hosts })
	}))
}

// with sets the routes of s to own and outer, and returns s. It may append to own.
func (s *Set) with(own, outer []Route) *Set {
	s.list, s.nearest, s.invalid = append(own, outer...), len(own), nil
	for i := range s.list {
		s.invalid = cmp.Or(s.invalid, s.list[i].Invalid)
	}
	return s
}

// filter returns a new slice with the routes for which keep returns true.
func filter(list []Route, keep func(Route) bool) []Route {
	return slices.DeleteFunc(slices.Clone(list), func(r Route) bool { return !keep(r) })
}

// Find returns the route for a URL, or nil if the request goes to the URL's own host.
// known is false if no route takes the URL, and true if the URL is at a target
// already. base is the route to the default base URL, or nil. No route takes a URL that
// has no host or is neither http nor https. Package http has its own errors for these.
func (s *Set) Find(u *url.URL, base *Route) (r *Route, known bool) {
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, false
	}
	if base == nil && len(s.All()) == 0 {
		return nil, false
	}
	o := address.OriginOf(u)
	switch r = s.taking(o, base); {
	case r == nil || r.Hosts.Kind != address.OneHost && s.leadsTo(o):
		return nil, s.leadsTo(o)
	case r.Target != nil && r.origin == o:
		return nil, true
	}
	return r, true
}

// taking returns the first route that takes requests to o. If no route takes them, it
// returns base, or nil if an empty base URL hides it.
func (s *Set) taking(o address.Origin, base *Route) *Route {
	for i := range s.All() {
		r := &s.list[i]
		switch {
		case r.Hosts.Kind == address.BaseURL && r.Target == nil:
			base = nil
		case r.Hosts.Kind == address.BaseURL, r.Hosts.Takes(o):
			return r
		}
	}
	return base
}

// leadsTo reports whether a route has a target at o.
func (s *Set) leadsTo(o address.Origin) bool {
	for i := range s.All() {
		if r := &s.list[i]; r.Target != nil && r.origin == o {
			return true
		}
	}
	return false
}

// All returns the routes in the order in which they are tried.
func (s *Set) All() []Route {
	if s == nil {
		return nil
	}
	return s.list
}

// String lists the routes for an error.
func (s *Set) String() string {
	var lines []string
	for _, r := range s.All() {
		if r.What != "" {
			lines = append(lines, r.String())
		}
	}
	if lines == nil {
		return "none"
	}
	return strings.Join(lines, ", ")
}
