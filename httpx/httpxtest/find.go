package httpxtest

import (
	"fmt"
	"net/http"
	"strings"
)

// A miss is a route that did not take a request, and why.
type miss struct {
	route *Expectation
	why   string
	near  int // how near it was: the larger, the nearer
}

// find returns the route that takes a request, or else the nearest miss. It is
// called with s.mu held.
func (s *Server) find(r *http.Request, entry *Request) (*Expectation, *miss) {
	var nearest *miss
	var stub *Expectation
	for _, e := range s.routes {
		m := e.misses(r, entry)
		switch {
		case m != nil:
			if nearest == nil || m.near > nearest.near {
				nearest = m
			}
			if m.near == forbidden {
				return nil, m
			}
		case !e.stub:
			return e, nil
		case stub == nil || !stub.moreSpecific(e, r):
			stub = e
		}
	}
	if stub != nil {
		return stub, nil
	}
	if nearest != nil && nearest.near == elsewhere {
		nearest = nil
	}
	return nil, nearest
}

// How near a miss was.
const (
	elsewhere = iota // another path
	otherMethod
	otherRequest // a check failed
	early        // something must come first
	spent
	forbidden
)

// misses returns why the route does not take a request, nil if it does.
func (e *Expectation) misses(r *http.Request, entry *Request) *miss {
	if _, p := e.mux.Handler(r); p == "" {
		if method, _, ok := strings.Cut(e.pattern, " "); ok {
			other := *r
			other.Method = method
			if _, p := e.mux.Handler(&other); p != "" {
				return &miss{e, fmt.Sprintf("the method is %s", r.Method), otherMethod}
			}
		}
		return &miss{e, "", elsewhere}
	}
	for _, c := range e.checks {
		var body []byte
		if c.needsBody {
			body = entry.recorder.bytes()
		}
		if err := c.fails(r, body); err != nil {
			return &miss{e, err.Error(), otherRequest}
		}
	}
	switch first := e.waitsFor(); {
	case e.max == 0:
		return &miss{e, "it must never come", forbidden}
	case e.usedUp():
		return &miss{e, "it is used up: " + e.tally(), spent}
	case first != nil:
		return &miss{e, "it comes after " + first.name() + ", which is at " + first.tally(), early}
	}
	return nil
}

// moreSpecific says whether e's pattern is more specific than a later route's
// that takes the same request, by asking a mux that has both.
func (e *Expectation) moreSpecific(later *Expectation, r *http.Request) (yes bool) {
	if e.pattern == later.pattern {
		return false
	}
	defer func() { recover() }() // the patterns conflict: neither is more specific
	mux := http.NewServeMux()
	mux.Handle(e.pattern, http.NotFoundHandler())
	mux.Handle(later.pattern, http.NotFoundHandler())
	_, p := mux.Handler(r)
	return p == e.pattern
}
