package httpxtest

import (
	"fmt"
	"net/http"
	"strings"
)

// An Expectation is a route of a [Server]: which requests it takes, how many
// of them, and how they are answered. Its methods return it, for chaining.
// They may be called while requests come in.
type Expectation struct {
	server   *Server
	number   int
	pattern  string
	mux      *http.ServeMux // has the pattern alone
	handler  http.Handler
	checks   []check
	after    []*Expectation
	stub     bool
	min      int
	max      int // unlimited: no limit
	count    int
	answered int    // of those
	site     string // file:line
}

const unlimited = -1

// Expect declares a request that must come, once unless [Expectation.Times]
// and its like say otherwise. pattern is one of [http.ServeMux]:
// "GET /users/{id}". Of several expectations that match a request, the first
// that is not used up takes it. Without [Expectation.Reply] the answer is an
// empty 200.
func (s *Server) Expect(pattern string) *Expectation {
	s.t.Helper()
	return s.declare(pattern, false, 1, 1)
}

// Stub declares a request that may come, any number of times. It is asked when
// no expectation takes the request. Of several stubs that match, the one with
// the most specific pattern answers, as in [http.ServeMux], and of those with
// one pattern the last.
func (s *Server) Stub(pattern string) *Expectation {
	s.t.Helper()
	return s.declare(pattern, true, 0, unlimited)
}

// Never declares a request that must not come, even where a stub would take it.
func (s *Server) Never(pattern string) *Expectation {
	s.t.Helper()
	return s.declare(pattern, false, 0, 0)
}

// declare adds a route. It is called by what the test calls.
func (s *Server) declare(pattern string, stub bool, least, most int) *Expectation {
	s.t.Helper()
	e := &Expectation{
		server: s, pattern: pattern, mux: http.NewServeMux(), stub: stub,
		min: least, max: most, handler: Status(http.StatusOK), site: caller(),
	}
	if err := e.register(); err != nil {
		s.t.Fatalf("httpxtest: %s: %v", s.name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.routes = append(s.routes, e)
	e.number = len(s.routes)
	return e
}

// register gives the pattern to the mux, which panics when it is malformed.
func (e *Expectation) register() (err error) {
	switch {
	case strings.Contains(e.pattern, "?"):
		return fmt.Errorf("pattern %q: it has no query: use Expectation.Query", e.pattern)
	case strings.Contains(e.pattern, "://"):
		return fmt.Errorf("pattern %q: it is a method and a path, not a URL", e.pattern)
	}
	if method, _, ok := strings.Cut(e.pattern, " "); ok && method != strings.ToUpper(method) {
		return fmt.Errorf("pattern %q: methods are case-sensitive (RFC 9110 section 9.1): write %q", e.pattern, strings.ToUpper(method))
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("pattern %q: %v", e.pattern, v)
		}
	}()
	e.mux.Handle(e.pattern, &replier{e})
	return nil
}

// A replier is what an expectation's mux calls. It is a pointer, so that it can
// be told from the handler with which the mux redirects to a clean path.
type replier struct{ e *Expectation }

func (p *replier) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.e.reply().ServeHTTP(w, r) }

// Times makes the expectation one for exactly n requests.
func (e *Expectation) Times(n int) *Expectation {
	e.server.t.Helper()
	return e.limit("Times", n, n, n)
}

// AtLeast makes the expectation one for n requests or more.
func (e *Expectation) AtLeast(n int) *Expectation {
	e.server.t.Helper()
	return e.limit("AtLeast", n, n, unlimited)
}

// AtMost makes the expectation one for n requests or fewer.
func (e *Expectation) AtMost(n int) *Expectation {
	e.server.t.Helper()
	return e.limit("AtMost", n, 0, n)
}

func (e *Expectation) limit(method string, n, least, most int) *Expectation {
	e.server.t.Helper()
	if n < 0 {
		e.server.t.Fatalf("httpxtest: %s: %s: %s(%d): want a number of requests", e.server.name, e.name(), method, n)
	}
	return e.change(func() { e.min, e.max = least, most })
}

// After makes the expectation wait for others: it takes a request only when
// each of them has had as many as it must, and at least one.
func (e *Expectation) After(others ...*Expectation) *Expectation {
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
	return e.Reply(http.HandlerFunc(f))
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

// waitsFor returns an expectation that must come first and has not.
func (e *Expectation) waitsFor() *Expectation {
	for _, o := range e.after {
		if o.count < max(o.min, 1) {
			return o
		}
	}
	return nil
}

// name is how reports and the journal call the expectation, place adds where
// it was declared.
func (e *Expectation) name() string { return fmt.Sprintf("#%d %s", e.number, e.pattern) }

func (e *Expectation) place() string { return e.name() + " (" + e.site + ")" }
