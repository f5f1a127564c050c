package httpxtest

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
)

// A candidate is a route that may take a request. It has the route's checks and the routes
// that it waits for, as they were when the request came, and the reason if it does not take
// the request.
type candidate struct {
	*Expectation
	checks []check
	after  []*Expectation
	miss   *miss
	early  *miss // what waits returned
}

// A miss is the reason why a route does not take a request.
type miss struct {
	route *Expectation
	why   string
	near  int // the larger, the nearer
	// ofBody is true if why shows the body.
	ofBody bool
}

// Values of miss.near. To elsewhere is added how much of the path is the same, and to the
// others, except forbidden, how specific the pattern is.
const (
	elsewhere    = iota
	otherMethod  = iota << 20
	otherRequest = iota << 20       // a check failed
	early        = otherRequest + 1 // another request must come first
	spent        = otherRequest + 2
	forbidden    = otherRequest << 1
)

// specific returns the number of segments of a pattern that are not wildcards, times 4.
// So a difference of one outweighs that between otherRequest, early and spent.
func (e *Expectation) specific() int {
	n := 0
	for _, s := range segments(e.pattern.path) {
		if !wildcard(s) {
			n += 4
		}
	}
	return n
}

func segments(p string) []string { return strings.Split(strings.Trim(p, "/"), "/") }

func wildcard(segment string) bool { return strings.HasPrefix(segment, "{") }

func (s *Server) candidates() []candidate {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]candidate, len(s.routes))
	for i, e := range s.routes {
		list[i] = candidate{Expectation: e, checks: slices.Clone(e.checks), after: slices.Clone(e.after)}
	}
	return list
}

// find returns the route that takes a request, or else the nearest miss. The server's
// mutex is held.
func find(r *http.Request, candidates []candidate) (*Expectation, *miss) {
	var nearest *miss
	var stub, head *Expectation
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
		case !c.stub && r.Method == http.MethodHead && c.pattern.method == http.MethodGet:
			if head == nil {
				head = c.Expectation // unless a later route is for HEAD
			}
		case !c.stub:
			return c.Expectation, nil
		case stub == nil || !stub.moreSpecific(c.Expectation, r):
			stub = c.Expectation
		}
	}
	if head != nil {
		return head, nil
	}
	if stub != nil {
		return stub, nil
	}
	if nearest != nil && nearest.near == elsewhere && len(candidates) > 1 {
		nearest = nil // not one of them is near
	}
	return nil, nearest
}

// differs returns how a request differs from the requests that the route is for, or nil.
func (c candidate) differs(r *http.Request) *miss {
	takes, redirects := c.pattern.takes(r)
	switch {
	case redirects:
		return &miss{c.Expectation, "http.ServeMux redirects " + r.URL.EscapedPath() + " to " + r.URL.EscapedPath() + "/", otherRequest + c.specific(), false}
	case takes:
		return c.fails(r, nil, false)
	}
	if method := c.pattern.method; method != "" {
		other := *r
		other.Method = method
		if takes, _ := c.pattern.takes(&other); takes {
			why := "the method is " + r.Method
			if strings.EqualFold(method, r.Method) {
				why += ", and methods are case-sensitive"
			}
			return &miss{c.Expectation, why, otherMethod + c.specific(), false}
		}
	}
	return &miss{c.Expectation, "the path is " + r.URL.EscapedPath(), elsewhere + alike(c.pattern.path, r.URL.Path), false}
}

// differsInBody is differs for the checks that need the body.
func (c candidate) differsInBody(r *http.Request, body []byte) *miss {
	if c.miss != nil {
		return c.miss
	}
	return c.fails(r, body, true)
}

// fails returns the first failure of the checks that need the body, or of those that do
// not.
func (c candidate) fails(r *http.Request, body []byte, ofBody bool) *miss {
	for _, check := range c.checks {
		if check.needsBody != ofBody {
			continue
		}
		if err := check.fails(r, body); err != nil {
			return &miss{c.Expectation, err.Error(), otherRequest + c.specific(), ofBody}
		}
	}
	return nil
}

// needsBody reports whether only the body can tell if the route takes the request.
func (c candidate) needsBody() bool {
	return c.miss == nil && slices.ContainsFunc(c.checks, func(c check) bool { return c.needsBody })
}

// waits returns why the route is too early, or nil. No mutex is held: what it waits for
// may be another server's.
func (c candidate) waits() *miss {
	for _, o := range c.after {
		if tally := o.undone(); tally != "" {
			return &miss{c.Expectation, fmt.Sprintf("it must come after %s%s, which is not done yet: %s",
				o.name(), o.of(c.server), tally), early + c.specific(), false}
		}
	}
	return nil
}

// unready returns why the route takes no request now, or nil if it takes one. The
// server's mutex is held.
func (c candidate) unready() *miss {
	switch {
	case c.max == 0:
		return &miss{c.Expectation, "", forbidden, false}
	case c.usedUp():
		return &miss{c.Expectation, "it is used up: " + c.tally(), spent + c.specific(), false}
	}
	return c.early
}

// moreSpecific reports whether e's pattern is more specific than that of a later route,
// which takes the same request. It asks a mux that has both.
func (e *Expectation) moreSpecific(later *Expectation, r *http.Request) (yes bool) {
	if e.pattern.text == later.pattern.text {
		return false
	}
	defer func() { recover() }() // the patterns conflict: neither is more specific
	mux := http.NewServeMux()
	mux.Handle(e.pattern.forMux, http.NotFoundHandler())
	mux.Handle(later.pattern.forMux, http.NotFoundHandler())
	_, p := mux.Handler(e.pattern.asked(r))
	return p == e.pattern.forMux
}

// alike returns how much of a path is like a pattern. The number of equal segments, in
// their order, counts most, and then the number of equal bytes at the start. It returns 0
// if only the first slash is the same.
func alike(pattern, p string) int {
	p = path.Clean(p)
	n := 0
	for n < len(p) && n < len(pattern) && p[n] == pattern[n] {
		n++
	}
	if n <= 1 {
		n = 0
	}
	return common(segments(pattern), segments(p))<<10 + min(n, 1<<10-1)
}

// common returns how many of the pattern's literal segments the path has, in their order.
func common(pattern, path []string) int {
	longest := make([]int, len(path)+1) // for each index of path, the result for the pattern so far and the path up to there
	for _, s := range pattern {
		before := 0
		for i, have := range path {
			here := longest[i+1]
			if s == have && !wildcard(s) && s != "" {
				longest[i+1] = before + 1
			}
			longest[i+1] = max(longest[i+1], longest[i])
			before = here
		}
	}
	return longest[len(path)]
}

// open reports whether no difference between the request and the route is known yet.
func (c candidate) open() bool { return c.miss == nil }
