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
	// ofBody says that why shows the body.
	ofBody bool
}

// How near a miss was. To the first, another path, is added how much of it is the
// same. To the three that matched the pattern, how specific that is.
const (
	elsewhere    = iota
	otherMethod  = iota << 20
	otherRequest = iota << 20       // a check failed
	early        = otherRequest + 1 // something must come first
	spent        = otherRequest + 2
	forbidden    = otherRequest << 1
)

// specific returns how many segments of a pattern are no wildcards, in steps that
// are larger than the differences between early and its like.
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
		list[i] = candidate{Expectation: e, checks: slices.Clone(e.checks)}
	}
	return list
}

// find returns the route that takes a request, or else the nearest miss. It is
// called with the server's mutex held.
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
				head = c.Expectation // unless one that is for HEAD follows
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
	if nearest != nil && nearest.near == elsewhere {
		nearest = nil
	}
	return nil, nearest
}

// differs says how a request differs from what the route is for, nil if it
// does not.
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
			return &miss{c.Expectation, err.Error(), otherRequest + c.specific(), ofBody}
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
		return &miss{e, "", forbidden, false}
	case e.usedUp():
		return &miss{e, "it is used up: " + e.tally(), spent + e.specific(), false}
	case first != nil:
		return &miss{e, fmt.Sprintf("it must come after %s, which is not done yet: %s", first.name(), first.tally()), early + e.specific(), false}
	}
	return nil
}

// moreSpecific says whether e's pattern is more specific than a later route's
// that takes the same request, by asking a mux that has both.
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

// alike says how much of a path is in a pattern: above all how many segments are
// the same, in order, whatever comes before and between, then how many bytes from
// the left. It is 0 where that is no more than the first slash.
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

// common returns how many of the pattern's literal segments the path has, in order.
func common(pattern, path []string) int {
	longest := make([]int, len(path)+1) // of the pattern so far, and the path up to there
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

// open says that nothing is known by which the route does not take the request.
func (c candidate) open() bool { return c.miss == nil }
