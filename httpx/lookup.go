package httpx

import (
	"fmt"
	"net/url"
	"sync/atomic"

	"github.com/scopetree/scope/httpx/internal/routing"
	"github.com/scopetree/scope/internal/engine"
)

// init makes the keys of this package a part of what a request looks up.
func init() {
	engine.Collect(BaseURL, routing.Key, func(s *routing.Set, raw string, fresh bool) *routing.Set {
		return s.Add(routeToBaseURL(raw), fresh)
	})
	engine.Collect(Unrouted, routing.Key, func(s *routing.Set, p Policy, fresh bool) *routing.Set {
		made, policy := s.Next(fresh), int(p)
		made.Unrouted = &policy
		return made
	})
	engine.Collect(SendToken, routing.Key, func(s *routing.Set, send, fresh bool) *routing.Set {
		made := s.Next(fresh)
		made.SendToken = &send
		return made
	})
}

// policy returns the policy for a request that no route takes.
func policy(s *routing.Set) Policy {
	if s == nil || s.Unrouted == nil {
		return Unrouted.Default()
	}
	return Policy(*s.Unrouted)
}

// sendsToken reports whether a request that no route takes may carry a token.
func sendsToken(s *routing.Set) bool {
	if s == nil || s.SendToken == nil {
		return SendToken.Default()
	}
	return *s.SendToken
}

// routeToBaseURL returns a route for requests that no other route takes. For an empty
// URL the route has no target, and hides the base URLs of the scopes around it.
func routeToBaseURL(raw string) routing.Route {
	r := routing.Route{What: raw}
	if raw != "" {
		if r.Invalid = r.SetTarget(raw); r.Invalid != nil {
			r.Invalid = fmt.Errorf("httpx.base_url: %w", r.Invalid)
		}
	}
	return r
}

// find returns the route for a URL, as [routing.Set.Find] does.
func find(s *routing.Set, u *url.URL) (r *routing.Route, known bool) {
	return s.Find(u, defaultRoute())
}

// defaultRoute returns the route to the default of BaseURL, or nil if that is "". It
// parses each default once.
func defaultRoute() *routing.Route {
	raw := BaseURL.Default()
	if raw == "" {
		return nil
	}
	if d := lastDefault.Load(); d != nil && d.What == raw {
		return d
	}
	r := routeToBaseURL(raw)
	lastDefault.Store(&r)
	return &r
}

var lastDefault atomic.Pointer[routing.Route]
