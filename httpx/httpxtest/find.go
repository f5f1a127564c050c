package httpxtest

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
)

// A candidate is a route that may take a request, with its checks as they are
// when the request comes, and then why it does not take it.
type candidate struct {
	*Expectation
	checks []check
	miss   *miss
}

// A miss is why a route does not take a request.
type miss struct {
	route *Expectation
	why   string
	near  int // how near it was: the larger, the nearer
}

// How near a miss was.
const (
	elsewhere    = iota // another path, which adds how much of it is the same
	otherMethod  = iota + 1<<16
	otherRequest // a check failed
	early        // something must come first
	spent
	forbidden
)

func (s *Server) candidates() []candidate {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]candidate, len(s.routes))
	for i, e := range s.routes {
		list[i] = candidate{Expectation: e, checks: slices.Clone(e.checks)}
	}
	return list
}

// find returns the route that takes a request, or else the nearest miss. It is
// called with the server's mutex held.
func find(r *http.Request, candidates []candidate) (*Expectation, *miss) {
	var nearest *miss
	var stub *Expectation
	for _, c := range candidates {
		m := c.miss
		if m == nil {
			m = c.unready()
		}
		switch {
		case m != nil:
			if nearest == nil || m.near > nearest.near {
				nearest = m
			}
			if m.near == forbidden {
				return nil, m
			}
		case !c.stub:
			return c.Expectation, nil
		case stub == nil || !stub.moreSpecific(c.Expectation, r):
			stub = c.Expectation
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

// differs says how a request differs from what the route is for, nil if it
// does not.
func (c candidate) differs(r *http.Request) *miss {
	h, pattern := c.mux.Handler(r)
	if pattern == "" {
		method, where, ok := strings.Cut(c.pattern, " ")
		if !ok {
			method, where = "", c.pattern
		}
		if method != "" {
			other := *r
			other.Method = method
			if _, p := c.mux.Handler(&other); p != "" {
				why := "the method is " + r.Method
				if strings.EqualFold(method, r.Method) {
					why += ", and methods are case-sensitive"
				}
				return &miss{c.Expectation, why, otherMethod}
			}
		}
		return &miss{c.Expectation, "the path is " + r.URL.EscapedPath(), elsewhere + alike(where, r.URL.Path)}
	}
	if _, ok := h.(*replier); !ok {
		return &miss{c.Expectation, "http.ServeMux redirects " + r.URL.EscapedPath() + " to a path with its own slashes", otherRequest}
	}
	return c.fails(r, nil, false)
}

// differsInBody is differs for what is left to check once the body is read.
func (c candidate) differsInBody(r *http.Request, body []byte) *miss {
	if c.miss != nil {
		return c.miss
	}
	return c.fails(r, body, true)
}

// fails returns the first check of a kind that fails.
func (c candidate) fails(r *http.Request, body []byte, ofBody bool) *miss {
	for _, check := range c.checks {
		if check.needsBody != ofBody {
			continue
		}
		if err := check.fails(r, body); err != nil {
			return &miss{c.Expectation, err.Error(), otherRequest}
		}
	}
	return nil
}

// needsBody says whether the body decides.
func (c candidate) needsBody() bool {
	return c.miss == nil && slices.ContainsFunc(c.checks, func(c check) bool { return c.needsBody })
}

// unready says why the route takes no request now, nil if it does.
func (e *Expectation) unready() *miss {
	switch first := e.waitsFor(); {
	case e.max == 0:
		return &miss{e, "", forbidden}
	case e.usedUp():
		return &miss{e, "it is already used: " + e.tally(), spent}
	case first != nil:
		return &miss{e, fmt.Sprintf("it comes after %s, which is not done: %s", first.name(), first.tally()), early}
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

// alike says how many bytes a path shares with a pattern's, from the left, if
// that is more than the slash.
func alike(pattern, p string) int {
	if i := strings.Index(pattern, "/"); i > 0 {
		pattern = pattern[i:] // without the host
	}
	p = path.Clean(p)
	n := 0
	for n < len(p) && n < len(pattern) && p[n] == pattern[n] {
		n++
	}
	if n <= 1 {
		return 0
	}
	return n
}
