package httpxtest

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/internal/carrier"
	"github.com/scopetree/scope/internal/engine"
	"github.com/scopetree/scope/internal/serial"
	"github.com/scopetree/scope/scopetest"
)

// A Server is a fake of an HTTP server, for one test: it answers what the test
// declares with [Server.Expect] and [Server.Stub], and fails the test for
// requests that it expects and that do not come, and for others that do. [NewServer] and
// [Mock] make one. Its methods may be called from any goroutine.
type Server struct {
	// URL is where the server listens: http://127.0.0.1:1234, with no slash
	// at the end.
	URL string

	t       testing.TB
	ctx     context.Context // carries the test's scope
	site    string          // file:line of the call that made the server
	name    string          // the host that it stands for, or its address
	address string          // host:port
	release func()          // ends the reservation of the port
	config  config
	bubble  string // the bubble of testing/synctest in which it was made, or ""
	routed  bool   // a host is routed to the server
	since   int    // number of requests that had failed in no scope before

	closed atomic.Bool
	dialed atomic.Int32 // open connections of transport that may speak HTTP/2

	mu        sync.Mutex // guards the fields below
	changed   sync.Cond  // signals that a request has begun or was answered
	on        *listening // nil after Down
	transport *pinned
	before    []func(http.Handler) http.Handler
	routes    []*Expectation
	journal   []*Request
	strays    []*stray
	failures  []string // replies that panicked or ended their goroutine
	shadows   []string // the fakes of its host in subtests, with their lines
	inFlight  int
	ended     bool // Close has stopped the server, so no more requests come
}

// NewServer starts a server on loopback. At the end of the test, and before
// the cleanups that were registered earlier, it waits for the requests in
// flight, verifies what was declared, and closes.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	c := configure(opts)
	s := start(t, "", c)
	if c.inMemory {
		s.routed = true
		scopetest.With(t, httpx.RouteTransport(s.address, s.Transport()))
	}
	return s
}

// Mock is [NewServer] with a route. In the test's scope, requests for host go to the
// server, through [Server.Transport], and keep their Host. host is as in [httpx.Route].
//
// Mock also makes the scope refuse requests that have no route, so that a test never
// reaches the real world by mistake: [AllowUnrouted] undoes that. Requests to this
// machine are refused too, unless [httpx.Unrouted] is [httpx.RefuseRemote] already, as
// with [Main]. While the server lives, requests for host from code in no scope are
// refused as well.
//
// A bubble of testing/synctest needs fakes of its own, made in it with [InMemory]. A
// request from outside of the fake's bubble is an error for its client, and fails the
// test.
//
// A host has one fake in a test: a second Mock of it returns the first, and fails
// the test if it has other options. In a subtest, Mock makes a fake of its own,
// which takes the place of the outer one there.
//
// The code under test must send through package httpx: through
// http.DefaultTransport after [httpx.Install], or a transport that
// [httpx.Wrap] made. No other request is routed, or refused. A refused request
// is an error for its client, which does not fail the test by itself. To call a
// server of the test's own beside a Mock, use its Client(), or have
// httpx.RefuseRemote for the default of [httpx.Unrouted].
//
// Mock may be called from any goroutine of the test, at any time: what was started
// before sees the route too. A malformed host fails the test with t.Fatalf, which ends
// the goroutine that called Mock.
//
// Under the gls carrier, call the code under test in scope.Run, with the context that
// scopetest.Context(t) returns. With that carrier, the first Mock also makes the whole
// process refuse what code in no scope sends: it might be the test's, and nobody knows.
func Mock(t testing.TB, host string, opts ...Option) *Server {
	t.Helper()
	if err := httpx.CheckRoute(host, "http://127.0.0.1"); err != nil {
		t.Fatalf("httpxtest: Mock: %v", err)
	}
	fakes := fakesOf(t)
	fakes.Lock()
	defer fakes.Unlock()
	c := configure(opts)
	if s := fakes.byHost[canonical(host)]; s != nil {
		if c != s.config && len(opts) > 0 {
			t.Fatalf("httpxtest: Mock(%q) at %s has the options %v, and the earlier one at %s has %v. "+
				"Both are one fake: give both the same options, or none to the second, which then returns the first as it is", host, caller(), c, s.site, s.config)
		}
		return s
	}
	s := newMock(t, host, c)
	fakes.add(host, s)
	return s
}

// newMock starts a server and routes its host in the test's scope.
func newMock(t testing.TB, host string, c config) *Server {
	t.Helper()
	var pc [1]uintptr
	runtime.Callers(3, pc[:]) // the caller of Mock
	if c.global && !serial.Claim(t) {
		t.Fatalf("httpxtest: Mock(%q) with Global in a parallel test: code in no scope is the whole process's", host)
	}
	s := start(t, host, c)
	s.routed = true
	s.takeUnscoped()
	policy := scope.Get(s.ctx, httpx.Unrouted)
	switch {
	case s.config.allowUnrouted:
		policy = httpx.Allow
	case policy == httpx.Allow:
		policy = httpx.Refuse
	}
	if policy != httpx.Allow && scope.Carrier() != "labels" {
		refuseByDefault() // the goroutine has no scope, so code without a context would reach the real host
	}
	b := []scope.Binding{
		httpx.RouteTransport(host, s.Transport()),
		httpx.RouteTransport(s.address, unlisted{s.Transport()}), // for links to the server itself
		httpx.Unrouted.Bind(policy),
	}
	for i := range b {
		engine.Place(&b[i], pc[0])
	}
	scopetest.With(t, b...)
	return s
}

// start starts a server and registers its end. host may be "".
func start(t testing.TB, host string, c config) *Server {
	t.Helper()
	// Make the scope first, so that it ends after the server, and its log comes after the
	// report.
	ctx := scopetest.Context(t)
	s := &Server{t: t, ctx: ctx, site: caller(), name: host, config: c, bubble: carrier.Bubble(), since: engine.Unscoped.Len()}
	s.changed.L = &s.mu
	if !c.inMemory && s.bubble != "" {
		t.Fatalf("httpxtest: a server with a socket can't work in a bubble of testing/synctest: make it with httpxtest.InMemory()")
	}
	a, err := s.listenFirst()
	switch {
	case err != nil:
		t.Fatalf("httpxtest: %v", err)
	case c.inMemory:
		s.address = fmt.Sprintf("server%d.httpxtest.invalid", servers.Add(1)) // no such host exists (RFC 2606)
	default:
		s.address = a.String()
	}
	s.URL = "http://" + s.address
	if c.tls {
		s.URL = "https://" + s.address
	}
	if s.name == "" {
		s.name = s.address
	}
	t.Cleanup(func() {
		t.Helper()
		s.Close()
	})
	return s
}

// Close does now what the end of the test does: it waits for the requests in flight,
// stops the server, and verifies what was declared. Requests that come later are
// refused, and a second Mock of the host still returns this server. Further calls have no
// effect.
func (s *Server) Close() {
	s.t.Helper()
	if s.closed.Swap(true) {
		return
	}
	if s.awaitAnswers(s.config.patience) {
		s.awaitWriting()
	}
	s.stop()
	s.release()
	s.end()
	s.verify()
}

// refuseByDefault refuses requests of code in no scope. It is not undone, because other
// tests may run when a test ends.
var refuseByDefault = sync.OnceFunc(func() {
	if httpx.Unrouted.Default() == httpx.Allow {
		httpx.Unrouted.SetDefault(httpx.Refuse)
	}
})

// servers counts the servers in memory, which have made-up addresses.
var servers atomic.Int64

// Client returns a client that sends through [Server.Transport].
func (s *Server) Client() *http.Client { return &http.Client{Transport: s.Transport()} }

// awaitAnswers waits until no request is in flight, and returns true. If patience passes,
// it fails the test with the stacks of the replies, and returns false.
func (s *Server) awaitAnswers(patience time.Duration) bool {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if s.await(ctx, func() (bool, error) { return s.inFlight == 0, nil }) != nil {
		s.t.Errorf("httpxtest: %s: %s", s.name, s.hanging(patience))
		return false
	}
	return true
}
