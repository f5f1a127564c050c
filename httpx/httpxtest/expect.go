package httpxtest

import (
	"fmt"
	"net/http"
	"slices"
)

// An Expectation is a route of a [Server]: which requests it takes, how many
// of them, and how they are answered. Its methods return it, for chaining. Conditions add
// up, also those of the same method: a request must meet all of them. Of several calls of
// Reply or Times the last one counts.
//
// The methods may be called while requests come in. A request is compared with what is
// declared when it comes. So declare the whole expectation before the code under test
// runs.
type Expectation struct {
	server   *Server
	number   int
	pattern  *pattern
	handler  http.Handler
	checks   []check
	after    []*Expectation
	stub     bool
	min      int
	max      int  // or unlimited
	atLeast  bool // min was set by AtLeast
	atMost   bool // max was set by AtMost
	count    int
	answered int    // how many of these are answered
	site     string // file:line of the declaration
	since    int    // number of requests that came before the declaration
}

const unlimited = -1

// Expect declares a request that must come, once unless [Expectation.Times]
// and its like say otherwise. pattern is one of [http.ServeMux]:
// "GET /users/{id}". Two things go beyond that: paths are not cleaned, so that "/a//b"
// is a path of its own, and a wildcard may be a part of a segment, as in
// "GET /v1/{id}:batch". A pattern for GET takes HEAD as well, unless an expectation for
// HEAD does. Of several expectations that match a request, the first
// that is not used up takes it. A request that none takes, such as one more than was
// expected, goes to a stub, or else gets status 501 and fails the test. Without
// [Expectation.Reply] the answer is an empty 200. A malformed pattern fails the test at
// once, with t.Fatalf.
func (s *Server) Expect(pattern string) *Expectation {
	s.t.Helper()
	return s.declare(pattern, false, 1, 1)
}

// Stub declares a request that may come, any number of times. A stub answers a request
// that no expectation takes. If several stubs match, the one with the most specific
// pattern answers, as in [http.ServeMux]. Of stubs with the same pattern, the last one
// answers.
func (s *Server) Stub(pattern string) *Expectation {
	s.t.Helper()
	return s.declare(pattern, true, 0, unlimited)
}

// Never declares a request that must not come, even if a stub, or an expectation that is
// declared later, would take it. Such a request gets status 501 and fails the test.
func (s *Server) Never(pattern string) *Expectation {
	s.t.Helper()
	return s.declare(pattern, false, 0, 0)
}

// declare adds a route. Only exported methods call it, so that their caller is the site.
func (s *Server) declare(pattern string, stub bool, least, most int) *Expectation {
	s.t.Helper()
	if s.closed.Load() {
		s.t.Fatalf("httpxtest: %s: %q is declared after Close: no request comes any more", s.name, pattern)
	}
	e := &Expectation{
		server: s, stub: stub,
		min: least, max: most, handler: Status(http.StatusOK), site: caller(),
	}
	var err error
	if e.pattern, err = parsePattern(pattern, e.reply); err != nil {
		s.t.Fatalf("httpxtest: %s: %v", s.name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.routes = append(s.routes, e)
	e.number = len(s.routes)
	e.since = len(s.journal)
	return e
}

// Times makes the expectation take exactly n requests. Times(0) equals [Server.Never]. On
// a stub, Times and [Expectation.AtLeast] make the requests necessary.
func (e *Expectation) Times(n int) *Expectation {
	e.server.t.Helper()
	return e.limit("Times", n, func() (int, int) {
		e.atLeast, e.atMost = false, false
		return n, n
	})
}

// AtLeast makes the expectation take n requests or more, up to the number of
// [Expectation.AtMost] if that is called before or after.
func (e *Expectation) AtLeast(n int) *Expectation {
	e.server.t.Helper()
	return e.limit("AtLeast", n, func() (int, int) {
		if e.atLeast = true; e.atMost {
			return n, e.max
		}
		return n, unlimited
	})
}

// AtMost makes the expectation take n requests or fewer: also none, unless
// [Expectation.AtLeast] is called before or after.
func (e *Expectation) AtMost(n int) *Expectation {
	e.server.t.Helper()
	return e.limit("AtMost", n, func() (int, int) {
		if e.atMost = true; e.atLeast {
			return e.min, n
		}
		return 0, n
	})
}

// limit sets how many requests the expectation takes. counts is called with the
// server's mutex held.
func (e *Expectation) limit(method string, n int, counts func() (least, most int)) *Expectation {
	e.server.t.Helper()
	if n < 0 {
		e.server.t.Fatalf("httpxtest: %s: %s: %s(%d): want a number of requests", e.server.name, e.name(), method, n)
	}
	impossible := false
	e.change(func() {
		least, most := counts()
		if impossible = most != unlimited && most < least; !impossible {
			e.min, e.max = least, most
		}
	})
	if impossible {
		e.server.t.Fatalf("httpxtest: %s: %s: %s(%d): AtLeast is more than AtMost", e.server.name, e.name(), method, n)
	}
	return e
}

// After makes the expectation wait for others, also of another server: it takes a request
// only when each of them has had as many as it must, and at least one.
func (e *Expectation) After(others ...*Expectation) *Expectation {
	e.server.t.Helper()
	for _, o := range others {
		e.needs("After", "an expectation", o == nil)
		if o.comesAfter(e) {
			e.server.t.Fatalf("httpxtest: %s: %s: After(%s): then neither can come first", e.server.name, e.name(), o.name())
		}
	}
	return e.change(func() { e.after = append(e.after, others...) })
}

// Reply says how the request is answered: with one of this package's replies,
// or any handler. It sees the pattern's wildcards in [http.Request.PathValue].
func (e *Expectation) Reply(h http.Handler) *Expectation {
	e.server.t.Helper()
	if h == nil {
		e.server.t.Fatalf("httpxtest: %s: %s: Reply of a nil handler", e.server.name, e.name())
	}
	return e.change(func() { e.handler = h })
}

// ReplyFunc is Reply for a function.
func (e *Expectation) ReplyFunc(f func(http.ResponseWriter, *http.Request)) *Expectation {
	e.server.t.Helper()
	e.needs("ReplyFunc", "a function", f == nil)
	return e.Reply(http.HandlerFunc(f))
}

// needs fails the test if a method was called with nil. Otherwise the goroutine of a
// request would panic later.
func (e *Expectation) needs(method, what string, isNil bool) {
	e.server.t.Helper()
	if isNil {
		e.server.t.Fatalf("httpxtest: %s: %s: %s(nil): want %s", e.server.name, e.name(), method, what)
	}
}

// comesAfter reports whether the expectation is the other one, or waits for it.
func (e *Expectation) comesAfter(other *Expectation) bool {
	if e == other {
		return true
	}
	e.server.mu.Lock()
	after := slices.Clone(e.after)
	e.server.mu.Unlock()
	return slices.ContainsFunc(after, func(o *Expectation) bool { return o.comesAfter(other) })
}

// Count returns how many requests the expectation has taken.
func (e *Expectation) Count() int {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	return e.count
}

func (e *Expectation) change(f func()) *Expectation {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	f()
	return e
}

func (e *Expectation) reply() http.Handler {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	return e.handler
}

// usedUp and missing are called with the server's mutex held.
func (e *Expectation) usedUp() bool { return e.max != unlimited && e.count >= e.max }

func (e *Expectation) missing() bool { return e.count < e.min }

// undone returns the tally of an expectation that others must still wait for, or "".
func (e *Expectation) undone() string {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	if e.count >= max(e.min, 1) {
		return ""
	}
	return e.tally()
}

// of returns the name of the expectation's server, for a report of another server.
func (e *Expectation) of(s *Server) string {
	if e.server == s {
		return ""
	}
	return " of " + e.server.name
}

// name returns the name of the expectation in reports and in the journal. place adds the
// line of the declaration.
func (e *Expectation) name() string { return fmt.Sprintf("#%d %s", e.number, e.pattern.text) }

func (e *Expectation) place() string { return e.name() + " (" + e.site + ")" }
