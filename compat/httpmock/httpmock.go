// Package httpmock is github.com/jarcoal/httpmock with one set of responders for each
// test. The original has one set for the process. So tests with mocks of the same URL can
// run in parallel. The matchers, responders and errors are the original's own.
//
// To move a suite, change the import path, and write
//
//	httpmock.Activate(t)
//
// in place of httpmock.Activate() and defer httpmock.DeactivateAndReset(). The mocks stay
// as they are.
//
// The functions find a test's responders through its goroutines, in the same way as
// package scope. You can call [RegisterResponder] and the other functions wherever code
// of the test runs. Outside of any test that has called [Activate] they panic. A subtest
// uses its parent's responders, unless it calls Activate itself.
package httpmock

import (
	"context"
	"net/http"
	"regexp"
	"sync/atomic"
	"testing"

	original "github.com/jarcoal/httpmock"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	_ "github.com/scopetree/scope/httpx/httpxtest" // http.DefaultTransport follows scopes
	"github.com/scopetree/scope/scopetest"
)

// active is the key of the store that a test has activated.
var active = scope.NewKey[*store]("httpmock", nil)

// A store has a test's responders.
type store struct {
	*original.MockTransport
	off atomic.Bool
}

// RoundTrip answers a request from the responders. After Deactivate, it sends the request
// to its own host.
func (s *store) RoundTrip(req *http.Request) (*http.Response, error) {
	if s.off.Load() {
		return http.DefaultTransport.RoundTrip(req.WithContext(scope.Detach(req.Context())))
	}
	return s.MockTransport.RoundTrip(req)
}

func (s *store) String() string { return "httpmock" }

// Activate gives the test responders of its own. At first there are none. Until the test
// ends, they answer all requests of the test. A request that no responder takes gets the
// original's error.
func Activate(t testing.TB) {
	t.Helper()
	if original.Disabled() {
		return
	}
	s := &store{MockTransport: original.NewMockTransport()}
	scopetest.With(t, active.Bind(s), httpx.RouteTransport("*", s))
}

// current returns the test's store.
func current(caller string) *store {
	s := active.Get()
	if s == nil {
		panic("httpmock: " + caller + " in no test that has called httpmock.Activate(t)")
	}
	return s
}

// ActivateNonDefault changes a client that has a transport of its own. The test's
// responders then answer its requests. The client must belong to the test alone.
func ActivateNonDefault(client *http.Client) {
	client.Transport = current("ActivateNonDefault")
}

// Deactivate makes the test's requests go to their own hosts, as if there were no
// responders. A test need not call it, because its responders end with it.
func Deactivate() { current("Deactivate").off.Store(true) }

// DeactivateAndReset calls [Deactivate] and [Reset].
func DeactivateAndReset() {
	Deactivate()
	Reset()
}

// DeactivateNonDefault sets a client's transport to http.DefaultTransport.
func DeactivateNonDefault(client *http.Client) { client.Transport = http.DefaultTransport }

// Reset removes all of the test's responders.
func Reset() { current("Reset").Reset() }

// ZeroCallCounters sets the test's counters to zero.
func ZeroCallCounters() { current("ZeroCallCounters").ZeroCallCounters() }

// GetCallCountInfo returns how many times each of the test's responders has answered.
func GetCallCountInfo() map[string]int { return current("GetCallCountInfo").GetCallCountInfo() }

// GetTotalCallCount returns how many times the test's responders have answered.
func GetTotalCallCount() int { return current("GetTotalCallCount").GetTotalCallCount() }

// RegisterResponder is the original's function of that name, for this test.
func RegisterResponder(method, url string, responder Responder) {
	current("RegisterResponder").RegisterResponder(method, url, responder)
}

// RegisterMatcherResponder is the original's function of that name, for this test.
func RegisterMatcherResponder(method, url string, matcher Matcher, responder Responder) {
	current("RegisterMatcherResponder").RegisterMatcherResponder(method, url, matcher, responder)
}

// RegisterResponderWithQuery is the original's function of that name, for this test.
func RegisterResponderWithQuery(method, path string, query any, responder Responder) {
	current("RegisterResponderWithQuery").RegisterResponderWithQuery(method, path, query, responder)
}

// RegisterMatcherResponderWithQuery is the original's function of that name, for this
// test.
func RegisterMatcherResponderWithQuery(method, path string, query any, matcher Matcher, responder Responder) {
	current("RegisterMatcherResponderWithQuery").RegisterMatcherResponderWithQuery(method, path, query, matcher, responder)
}

// RegisterRegexpResponder is the original's function of that name, for this test.
func RegisterRegexpResponder(method string, urlRegexp *regexp.Regexp, responder Responder) {
	current("RegisterRegexpResponder").RegisterRegexpResponder(method, urlRegexp, responder)
}

// RegisterRegexpMatcherResponder is the original's function of that name, for this test.
func RegisterRegexpMatcherResponder(method string, urlRegexp *regexp.Regexp, matcher Matcher, responder Responder) {
	current("RegisterRegexpMatcherResponder").RegisterRegexpMatcherResponder(method, urlRegexp, matcher, responder)
}

// RegisterNoResponder is the original's function of that name, for this test.
func RegisterNoResponder(responder Responder) {
	current("RegisterNoResponder").RegisterNoResponder(responder)
}

// Context returns a context that has the test's responders. Pass it to code that runs on
// no goroutine of the test.
func Context(t testing.TB) context.Context { return scopetest.Context(t) }
