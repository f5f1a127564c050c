package httpxtest_test

import (
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// The ways in which a reply does not return.
var failures = map[string]func(testing.TB){
	"panic":   func(testing.TB) { panic("boom") },
	"require": func(t testing.TB) { require.Fail(t, "boom") },
	"Fatal":   func(t testing.TB) { t.Fatal("boom") },
}

func TestFailingReplyFailsItsTestAndEndsTheRequest(t *testing.T) {
	t.Parallel()
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				gh := httpxtest.Mock(t, "api.github.com")
				gh.Expect("POST /fail").ReplyFunc(func(http.ResponseWriter, *http.Request) { fail(t) })
				_, _ = try(scopetest.Context(t), "POST", api+"/fail", "") // an error or an answer, but one of them
			})
			assert.True(t, f.Failed())
			assert.Contains(t, f.text(), "boom")
			assert.NotContains(t, f.text(), "does not expect")
			assert.Empty(t, f.late)
		})
	}
}

// When a connection that has been used before breaks with no answer begun, http.Transport sends a GET again. A reply
// that fails is called once all the same: a second call would be one more request, or the same failure twice.
func TestFailingReplyIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	for name, fail := range failures {
		for kind, declare := range map[string]func(*httpxtest.Server, string) *httpxtest.Expectation{
			"Expect": (*httpxtest.Server).Expect, "Stub": (*httpxtest.Server).Stub,
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				var calls atomic.Int32
				f := rehearse(func(t testing.TB) {
					gh := httpxtest.Mock(t, "api.github.com")
					gh.Expect("GET /ok")
					declare(gh, "GET /fail").ReplyFunc(func(http.ResponseWriter, *http.Request) {
						calls.Add(1)
						fail(t)
					})
					get(t, api+"/ok")
					_, _ = try(scopetest.Context(t), "GET", api+"/fail", "")
				})
				assert.Equal(t, int32(1), calls.Load())
				assert.Contains(t, f.text(), "boom")
				assert.NotContains(t, f.text(), "does not expect")
			})
		}
	}
}

// A reply that fails after it has begun must not look whole to the client.
func TestReplyThatFailsHalfwayIsAnError(t *testing.T) {
	t.Parallel()
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var err error
			f := rehearse(func(t testing.TB) {
				gh := httpxtest.Mock(t, "api.github.com")
				gh.Expect("GET /fail").ReplyFunc(func(w http.ResponseWriter, _ *http.Request) {
					_, _ = w.Write([]byte("half"))
					_ = http.NewResponseController(w).Flush()
					fail(t)
				})
				_, err = try(scopetest.Context(t), "GET", api+"/fail", "")
			})
			assert.ErrorContains(t, err, "EOF")
			assert.Contains(t, f.text(), "boom")
		})
	}
}

// A reply that ends its goroutine with no message has not answered: the test must not pass.
func TestReplyThatOnlyExitsFailsItsTest(t *testing.T) {
	t.Parallel()
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /exit").ReplyFunc(func(http.ResponseWriter, *http.Request) { runtime.Goexit() })
		_, err := try(scopetest.Context(t), "GET", api+"/exit", "")
		assert.Error(t, err)
	})
	assert.Contains(t, f.text(), "GET /exit")
}

// http.ErrAbortHandler is how a reply breaks the connection on purpose.
func TestAbortingReplyIsNoFailure(t *testing.T) {
	t.Parallel()
	var err error
	assertPasses(t, func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /abort").ReplyFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		_, err = try(scopetest.Context(t), "GET", api+"/abort", "")
	})
	assert.ErrorContains(t, err, "EOF")
}
