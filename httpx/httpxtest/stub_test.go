package httpxtest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestMostSpecificStubAnswersWhateverTheOrder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path    string
		pattern []string // that take it, the most specific first
	}{
		{"/users/octocat", []string{"GET /users/octocat", "/users/octocat", "/users/{login}", "/users/", "/"}},
		{"/users/octocat", []string{"GET /users/octocat", "GET /users/{login}", "GET /users/{rest...}", "GET /"}},
		{"/users/octocat", []string{"GET api.github.com/users/{login}", "GET /users/octocat", "GET /"}},
	} {
		for _, order := range []string{"specific first", "specific last"} {
			t.Run(strings.Join(test.pattern, ", ")+", "+order, func(t *testing.T) {
				t.Parallel()
				gh := httpxtest.Mock(t, "api.github.com")
				declared := slices.Clone(test.pattern)
				if order == "specific last" {
					slices.Reverse(declared)
				}
				for _, p := range declared {
					gh.Stub(p).Reply(httpxtest.Text(200, p))
				}
				assert.Equal(t, test.pattern[0], ask(t, test.path))
			})
		}
	}
}

func TestStubIsRedeclared(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Stub("GET /users/{login}").Reply(httpxtest.Text(200, "old"))
	assert.Equal(t, "old", ask(t, "/users/octocat"))
	gh.Stub("GET /users/{login}").Reply(httpxtest.Text(200, "new"))
	assert.Equal(t, "new", ask(t, "/users/octocat"))
	gh.Stub("GET /users/{name}").Reply(httpxtest.Text(200, "newer")) // the same pattern in other words
	assert.Equal(t, "newer", ask(t, "/users/octocat"))
}

func TestLastStubAnswersWhereNeitherIsMoreSpecific(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Stub("GET /{a}/b").Reply(httpxtest.Text(200, "first"))
	gh.Stub("GET /a/{b}").Reply(httpxtest.Text(200, "last"))
	assert.Equal(t, "last", ask(t, "/a/b"))
}

// Checks come before the pattern: a general stub answers what a specific one's checks turn away.
func TestStubWhoseChecksFailIsPassedOver(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Stub("GET /users/octocat").Query("page", "2").Reply(httpxtest.Text(200, "second"))
	gh.Stub("GET /users/{login}").Reply(httpxtest.Text(200, "first"))
	assert.Equal(t, "first second", ask(t, "/users/octocat", "/users/octocat?page=2"))
}

// http.ServeMux sends a request for "/users" on to "/users/" when only that is there, and one for "//a" to "/a". A
// route takes what it was declared for, and such a request is not that.
func TestRouteTakesNoRequestThatServeMuxWouldRedirect(t *testing.T) {
	t.Parallel()
	for pattern, path := range map[string]string{
		"GET /users/": "/users", "GET /users/{login}": "//users/octocat", "GET /a": "/b/../a",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			f := rehearse(func(t testing.TB) {
				httpxtest.Mock(t, "api.github.com").Expect(pattern)
				get(t, api+path) // the client follows a redirect
			})
			assert.NotContains(t, f.text(), "used up", "the redirect has taken the expectation")
		})
	}
}
