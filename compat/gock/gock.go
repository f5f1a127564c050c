// Package gock is github.com/h2non/gock with one store of mocks for each test, where
// the original has one for the process. So tests with mocks of the same URL run in
// parallel. Requests, responses and matchers are the original's own.
//
// To move a suite, change the import path, and write
//
//	gock.Start(t)
//
// in place of defer gock.Off(). No mock changes.
//
// A test's store is found through its goroutines, as package scope does that: [New]
// and its like may be called wherever code of the test runs. Outside of any test that
// has called [Start] they panic. A subtest uses its parent's store, unless it calls
// Start itself.
package gock

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	original "github.com/h2non/gock"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	_ "github.com/scopetree/scope/httpx/httpxtest" // http.DefaultTransport follows scopes
	"github.com/scopetree/scope/scopetest"
)

// started is what the test has started.
var started = scope.NewKey[*store]("gock", nil)

// A store is a test's mocks, and what the original keeps beside them.
type store struct {
	mu        sync.Mutex // guards what follows
	mocks     []Mock
	unmatched []*http.Request
	off       bool
	network   bool
	filters   []FilterRequestFunc
	observer  ObserverFunc
}

// Start gives the test a store of its own, and has its requests answered from that
// until the test ends. A request that no mock takes fails with [ErrCannotMatch]. As
// with the original, a mock that nothing asked for fails no test: see [IsDone].
func Start(t testing.TB) {
	t.Helper()
	s := new(store)
	scopetest.With(t, started.Bind(s), httpx.RouteTransport("*", &Transport{store: s}))
}

// Context returns a context by which code that runs on no goroutine of the test finds
// the test's mocks.
func Context(t testing.TB) context.Context { return scopetest.Context(t) }

// current returns the test's store, locked.
func current(caller string) *store {
	s := started.Get()
	if s == nil {
		panic("gock: " + caller + " in no test that has called gock.Start(t)")
	}
	s.mu.Lock()
	return s
}

// New makes a mock for a URL and registers it in the test's store.
func New(uri string) *Request {
	Intercept()
	if !strings.HasPrefix(uri, "http") {
		uri = "http://" + uri // as the original has it
	}
	req, res := NewRequest(), NewResponse()
	req.URLStruct, res.Error = url.Parse(uri)
	Register(NewMock(req, res))
	return req
}

// Register registers a mock in the test's store.
func Register(mock Mock) {
	s := current("Register")
	defer s.mu.Unlock()
	if slices.Contains(s.mocks, mock) {
		return
	}
	mock.Request().Mock, mock.Response().Mock = mock, mock
	s.mocks = append(s.mocks, mock)
}

// Exists says whether the test's store has a mock.
func Exists(m Mock) bool {
	s := current("Exists")
	defer s.mu.Unlock()
	return slices.Contains(s.mocks, m)
}

// Remove takes a mock out of the test's store.
func Remove(m Mock) {
	s := current("Remove")
	defer s.mu.Unlock()
	s.mocks = slices.DeleteFunc(slices.Clone(s.mocks), func(o Mock) bool { return o == m })
}

// GetAll returns the mocks in the test's store.
func GetAll() []Mock {
	s := current("GetAll")
	defer s.mu.Unlock()
	return slices.Clone(s.mocks)
}

// Pending returns the mocks that still wait for requests.
func Pending() []Mock {
	Clean()
	return GetAll()
}

// IsPending says whether there are any.
func IsPending() bool { return len(Pending()) > 0 }

// IsDone says whether there are none.
func IsDone() bool { return !IsPending() }

// Clean takes the mocks that are done out of the test's store.
func Clean() {
	s := current("Clean")
	defer s.mu.Unlock()
	s.clean()
}

func (s *store) clean() {
	s.mocks = slices.DeleteFunc(slices.Clone(s.mocks), Mock.Done)
}

// Flush takes all mocks out of the test's store.
func Flush() {
	s := current("Flush")
	defer s.mu.Unlock()
	s.mocks = nil
}

// Intercept has the test's requests answered again, after [Disable].
func Intercept() { switched("Intercept", false) }

// Disable has the test's requests sent, as if there were no mocks.
func Disable() { switched("Disable", true) }

func switched(caller string, off bool) {
	s := current(caller)
	defer s.mu.Unlock()
	s.off = off
}

// Intercepting says whether the test's requests are answered from its store.
func Intercepting() bool {
	s := started.Get()
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.off
}

// Off is [Flush] and [Disable]. The end of the test does so by itself.
func Off() {
	Flush()
	Disable()
}

// OffAll is [Off] and [CleanUnmatchedRequest].
func OffAll() {
	Off()
	CleanUnmatchedRequest()
}

// Observe has a function called for each request of the test, with the mock that takes
// it.
func Observe(fn ObserverFunc) {
	s := current("Observe")
	defer s.mu.Unlock()
	s.observer = fn
}

// EnableNetworking has requests that no mock takes sent to the real host.
func EnableNetworking() { networking("EnableNetworking", true) }

// DisableNetworking undoes [EnableNetworking].
func DisableNetworking() { networking("DisableNetworking", false) }

func networking(caller string, on bool) {
	s := current(caller)
	defer s.mu.Unlock()
	s.network = on
}

// NetworkingFilter adds a condition for requests that are sent to the real host.
func NetworkingFilter(fn FilterRequestFunc) {
	s := current("NetworkingFilter")
	defer s.mu.Unlock()
	s.filters = append(s.filters, fn)
}

// DisableNetworkingFilters takes the conditions out.
func DisableNetworkingFilters() {
	s := current("DisableNetworkingFilters")
	defer s.mu.Unlock()
	s.filters = nil
}

// GetUnmatchedRequests returns the test's requests that no mock has taken.
func GetUnmatchedRequests() []*http.Request {
	s := current("GetUnmatchedRequests")
	defer s.mu.Unlock()
	return slices.Clone(s.unmatched)
}

// HasUnmatchedRequest says whether there are any.
func HasUnmatchedRequest() bool { return len(GetUnmatchedRequests()) > 0 }

// CleanUnmatchedRequest forgets them.
func CleanUnmatchedRequest() {
	s := current("CleanUnmatchedRequest")
	defer s.mu.Unlock()
	s.unmatched = nil
}

// MatchMock returns the test's mock that takes a request, nil if none does.
func MatchMock(req *http.Request) (Mock, error) {
	s := current("MatchMock")
	defer s.mu.Unlock()
	return s.match(req)
}

func (s *store) match(req *http.Request) (Mock, error) {
	for _, m := range s.mocks {
		if ok, err := m.Match(req); err != nil {
			return nil, err
		} else if ok {
			return m, nil
		}
	}
	return nil, nil
}

// take returns the mock that takes a request, and whether the request is to be sent.
func (s *store) take(req *http.Request) (mock Mock, send bool, err error) {
	s.mu.Lock()
	off, network, filters, observer := s.off, s.network, s.filters, s.observer
	if !off {
		mock, err = s.match(req)
		s.clean()
	}
	s.mu.Unlock()
	if off || err != nil {
		return nil, off, err
	}
	if observer != nil { // with no lock: it may call this package
		observer(req, mock)
	}
	send = mock != nil && mock.Response().UseNetwork ||
		network && !slices.ContainsFunc(filters, func(f FilterRequestFunc) bool { return !f(req) })
	if mock == nil && !send {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.unmatched = append(s.unmatched, req)
		return nil, false, original.ErrCannotMatch
	}
	return mock, send, nil
}
