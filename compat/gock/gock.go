// Package gock is github.com/h2non/gock with one store of mocks for each test. The
// original has one store for the process. So tests with mocks of the same URL can run in
// parallel. Requests, responses and matchers are the original's own.
//
// To move a suite, change the import path, and write
//
//	gock.Start(t)
//
// in place of defer gock.Off(). The mocks stay as they are.
//
// The functions find a test's store through its goroutines, in the same way as package
// scope. You can call [New] and the other functions wherever code of the test runs.
// Outside of any test that has called [Start] they panic. A subtest uses its parent's
// store, unless it calls Start itself.
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

// started is the key of the store that a test has started.
var started = scope.NewKey[*store]("gock", nil)

// A store has a test's mocks, and the other settings that the original keeps for the
// process.
type store struct {
	mu        sync.Mutex // guards the fields below
	mocks     []Mock
	unmatched []*http.Request
	off       bool
	network   bool
	filters   []FilterRequestFunc
	observer  ObserverFunc
}

// Start gives the test a store of its own. Until the test ends, its requests are answered
// from that store. A request that no mock takes fails with [ErrCannotMatch]. As in the
// original, an unused mock does not fail the test: see [IsDone].
func Start(t testing.TB) {
	t.Helper()
	s := new(store)
	scopetest.With(t, started.Bind(s), httpx.RouteTransport("*", &Transport{store: s}))
}

// Context returns a context that has the test's mocks. Pass it to code that runs on no
// goroutine of the test.
func Context(t testing.TB) context.Context { return scopetest.Context(t) }

// current returns the test's store, and locks it.
func current(caller string) *store {
	s := started.Get()
	if s == nil {
		panic("gock: " + caller + " in no test that has called gock.Start(t)")
	}
	s.mu.Lock()
	return s
}

// New makes a mock for a URL, and registers it in the test's store.
func New(uri string) *Request {
	Intercept()
	if !strings.HasPrefix(uri, "http") {
		uri = "http://" + uri // as in the original
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

// Exists reports whether a mock is in the test's store.
func Exists(m Mock) bool {
	s := current("Exists")
	defer s.mu.Unlock()
	return slices.Contains(s.mocks, m)
}

// Remove removes a mock from the test's store.
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

// IsPending reports whether some mock still waits for requests.
func IsPending() bool { return len(Pending()) > 0 }

// IsDone reports whether no mock waits for requests.
func IsDone() bool { return !IsPending() }

// Clean removes the mocks that are done from the test's store.
func Clean() {
	s := current("Clean")
	defer s.mu.Unlock()
	s.clean()
}

func (s *store) clean() {
	s.mocks = slices.DeleteFunc(slices.Clone(s.mocks), Mock.Done)
}

// Flush removes all mocks from the test's store.
func Flush() {
	s := current("Flush")
	defer s.mu.Unlock()
	s.mocks = nil
}

// Intercept undoes [Disable]: the test's requests are answered from its store again.
func Intercept() { switched("Intercept", false) }

// Disable makes the test's requests go to their own hosts, as if there were no mocks.
func Disable() { switched("Disable", true) }

func switched(caller string, off bool) {
	s := current(caller)
	defer s.mu.Unlock()
	s.off = off
}

// Intercepting reports whether the test's requests are answered from its store.
func Intercepting() bool {
	s := started.Get()
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.off
}

// Off calls [Flush] and [Disable]. A test need not call it, because its store ends with
// it.
func Off() {
	Flush()
	Disable()
}

// OffAll calls [Off] and [CleanUnmatchedRequest].
func OffAll() {
	Off()
	CleanUnmatchedRequest()
}

// Observe sets a function that is called for each request of the test, with the mock that
// takes it.
func Observe(fn ObserverFunc) {
	s := current("Observe")
	defer s.mu.Unlock()
	s.observer = fn
}

// EnableNetworking makes requests that no mock takes go to the real host.
func EnableNetworking() { networking("EnableNetworking", true) }

// DisableNetworking undoes [EnableNetworking].
func DisableNetworking() { networking("DisableNetworking", false) }

func networking(caller string, on bool) {
	s := current(caller)
	defer s.mu.Unlock()
	s.network = on
}

// NetworkingFilter adds a condition for requests that may go to the real host.
func NetworkingFilter(fn FilterRequestFunc) {
	s := current("NetworkingFilter")
	defer s.mu.Unlock()
	s.filters = append(s.filters, fn)
}

// DisableNetworkingFilters removes these conditions.
func DisableNetworkingFilters() {
	s := current("DisableNetworkingFilters")
	defer s.mu.Unlock()
	s.filters = nil
}

// GetUnmatchedRequests returns the test's requests that matched no mock.
func GetUnmatchedRequests() []*http.Request {
	s := current("GetUnmatchedRequests")
	defer s.mu.Unlock()
	return slices.Clone(s.unmatched)
}

// HasUnmatchedRequest reports whether there are such requests.
func HasUnmatchedRequest() bool { return len(GetUnmatchedRequests()) > 0 }

// CleanUnmatchedRequest forgets these requests.
func CleanUnmatchedRequest() {
	s := current("CleanUnmatchedRequest")
	defer s.mu.Unlock()
	s.unmatched = nil
}

// MatchMock returns the test's mock that takes a request, or nil if none does.
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

// take returns the mock that takes a request, or nil, and whether the request goes to the
// real host.
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
	if observer != nil { // without the lock, because it may call this package
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
