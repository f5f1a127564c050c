package httpxtest_test

import (
	"net/http"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// What can't work fails where it is declared, and not later on the goroutine of a request.
func TestDeclarationThatCantWorkFailsTheTestAtOnce(t *testing.T) {
	t.Parallel()
	for why, declare := range map[string]func(s *httpxtest.Server, e *httpxtest.Expectation){
		"#1 GET /x: Match(nil): want a function":          func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.Match(nil) },
		"#1 GET /x: ReplyFunc(nil): want a function":      func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.ReplyFunc(nil) },
		"#1 GET /x: Path(nil): want an expression":        func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.Path(nil) },
		"#1 GET /x: BodyMatch(nil): want an expression":   func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.BodyMatch(nil) },
		"#1 GET /x: QueryMatch(nil): want an expression":  func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.QueryMatch("p", nil) },
		"#1 GET /x: HeaderMatch(nil): want an expression": func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.HeaderMatch("A", nil) },
		"#1 GET /x: After(nil): want an expectation":      func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.After(nil) },
		"#1 GET /x: After(#1 GET /x): then neither can":   func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.After(e) },
		"#1 GET /x: AtMost(1): AtLeast is more":           func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.AtLeast(2).AtMost(1) },
		"#1 GET /x: AtLeast(3): AtLeast is more":          func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.AtMost(2).AtLeast(3) },
		"#1 GET /x: Times(-1): want a number":             func(_ *httpxtest.Server, e *httpxtest.Expectation) { e.Times(-1) },
		"#1 GET /x: After(#3 GET /z): then neither can": func(s *httpxtest.Server, e *httpxtest.Expectation) {
			y := s.Stub("GET /y").After(e)
			e.After(s.Stub("GET /z").After(y))
		},
		`"GET /y" is declared after Close: no request comes any more`: func(s *httpxtest.Server, _ *httpxtest.Expectation) {
			s.Close()
			s.Expect("GET /y")
		},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				s := httpxtest.Mock(t, "api.test")
				declare(s, s.Stub("GET /x"))
				t.Error("the test goes on")
			})
			assert.True(t, f.Failed())
			assert.Contains(t, f.text(), "httpxtest: api.test: "+why)
			assert.NotContains(t, f.text(), "the test goes on")
		})
	}
}

func TestReportSaysThatAnExpectationWasDeclaredLater(t *testing.T) {
	t.Parallel()
	f := rehearse(func(t testing.TB) {
		s := httpxtest.Mock(t, "api.test")
		get(t, "http://api.test/user")
		s.Expect("GET /user")
	})
	assertGolden(t, "declared-later", f.text())
}

func TestPanicInACheckNamesTheExpectation(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"panic", "FailNow"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				s := httpxtest.Mock(t, "api.test")
				s.Stub("GET /user").Match(failing(t, reason))
				_, _ = try(scopetest.Context(t), "GET", "http://api.test/user", "")
			})
			assertGolden(t, "check-"+reason, f.text())
		})
	}
}

// failing returns a check that does not return.
func failing(t testing.TB, reason string) func(*http.Request) error {
	return func(*http.Request) error {
		if reason == "panic" {
			panic("boom")
		}
		t.FailNow()
		return nil
	}
}

// As httptest's users do: the deferred Close runs before parallel subtests.
func TestARequestToAClosedFakeSaysThatItIsClosed(t *testing.T) {
	t.Parallel()
	for host, opts := range map[string][]httpxtest.Option{"socket.test": nil, "memory.test": {httpxtest.InMemory()}} {
		s := httpxtest.Mock(t, host, opts...)
		s.Close()
		_, err := try(scopetest.Context(t), "GET", "http://"+host, "")
		assert.ErrorIs(t, err, syscall.ECONNREFUSED)
		assert.ErrorContains(t, err, "the fake made at misuse_test.go:")
		assert.ErrorContains(t, err, "is closed")
	}
}
