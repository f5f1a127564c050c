package httpxtest_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// replaced replaces http.DefaultTransport until the test ends, which so can't be parallel: it is everybody's.
func replaced(t *testing.T, rt http.RoundTripper) {
	installed := http.DefaultTransport
	http.DefaultTransport = rt
	t.Cleanup(func() { http.DefaultTransport = installed })
}

func TestReportSaysThatTheDefaultTransportWasReplaced(t *testing.T) {
	replaced(t, new(http.Transport))
	f := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Expect("GET /users/{login}")
	})
	assertGolden(t, "nothing-follows", f.text())
}

// A Stub need not be asked. But here nothing could ask it.
func TestAMockThatNothingCanReachFails(t *testing.T) {
	unused := func(t testing.TB) { httpxtest.Mock(t, "api.github.com").Stub("GET /users/{login}") }
	assertPasses(t, unused)
	replaced(t, new(http.Transport))
	f := rehearse(unused)
	assert.Contains(t, f.text(), "httpxtest: api.github.com received nothing, and could not: http.DefaultTransport was replaced by a *http.Transport")
	http.DefaultTransport = httpx.Wrap(new(http.Transport))
	assertPasses(t, unused)
}

func TestReportSaysThatNothingIsInherited(t *testing.T) {
	t.Parallel()
	f := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Expect("GET /users/{login}")
	})
	const hint = "  - the test's goroutine is bound to no scope, since the carrier is gls: call the code in scope.Run\n"
	assert.Equal(t, scope.Carrier() == "gls", strings.Contains(f.text(), hint), f.text())
}

// The client has the same text as the report, as far as it was known then.
func TestClientGetsTheReport(t *testing.T) {
	t.Parallel()
	var got reply
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /users/{login}")
		got = send(t, "POST", "https://api.github.com/users/octocat", "")
	})
	assert.Equal(t, http.StatusNotImplemented, got.status)
	assert.Equal(t, strings.TrimSpace(f.text()), strings.TrimSpace(got.body))
}

func TestReportNamesTheLineOfADeclaration(t *testing.T) {
	t.Parallel()
	var line int
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		_, _, line, _ = runtime.Caller(0)
		gh.Expect("GET /users/{login}").Times(3) // the line after the one that is asked
	})
	assert.Contains(t, f.text(), fmt.Sprintf("verify_test.go:%d\n", line+1))
}

// The code under test may look away from an answer, but the test fails.
func TestStrayFailsItsTestWhateverTheClientMakesOfIt(t *testing.T) {
	t.Parallel()
	f := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com")
		_, _ = try(scopetest.Context(t), "GET", api+"/users/octocat", "")
	})
	assert.True(t, f.Failed())
}

func TestStraysThatDifferInTheirBodiesAreReportedApart(t *testing.T) {
	t.Parallel()
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("POST /user/repos").JSONBody(`{"name": "tide"}`)
		for _, name := range []string{"coral", "ink", "coral"} {
			send(t, "POST", api+"/user/repos", fmt.Sprintf(`{"name": %q}`, name))
		}
	})
	assert.Equal(t, 2, strings.Count(f.text(), "a request that the test does not expect"), f.text())
	assert.Contains(t, f.text(), `+  "name": "coral"`)
	assert.Contains(t, f.text(), `+  "name": "ink"`)
}

// Everything is in the report: a test that fails is often run but once.
func TestAllThatIsWrongIsReported(t *testing.T) {
	t.Parallel()
	f := rehearse(func(t testing.TB) {
		gh, uploads := httpxtest.Mock(t, "api.github.com"), httpxtest.Mock(t, "uploads.github.com")
		gh.Expect("GET /missing")
		gh.Expect("POST /panics").ReplyFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })
		uploads.Expect("GET /missing/too")
		get(t, api+"/stray")
		_, err := try(scopetest.Context(t), "POST", api+"/panics", "")
		require.Error(t, err)
	})
	for _, want := range []string{"for POST /panics panicked: boom", "GET /stray", "GET /missing ",
		"uploads.github.com did not receive", "GET /missing/too"} {
		assert.Contains(t, f.text(), want)
	}
}
