package profile_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/examples/githubprofile/profile"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// The tests of this package ask the page in four ways. Two of them pass on the test's context, which works with
// every carrier. The other two pass on nothing, like code that knows nothing of scopes. There the handler's
// goroutine must inherit the test's scope. With the labels carrier it does, and with the gls carrier it can't.
var ways = []struct {
	name     string
	inherits bool // without a context, through the goroutine alone
	ask      func(t *testing.T, target string) answer
}{
	{"ServeHTTP with the context", false, func(t *testing.T, target string) answer {
		return serve(httptest.NewRequestWithContext(scopetest.Context(t), http.MethodGet, target, nil))
	}},
	{"ServeHTTP", true, func(t *testing.T, target string) answer {
		return serve(httptest.NewRequest(http.MethodGet, target, nil))
	}},
	{"a server with the context", false, func(t *testing.T, target string) answer {
		ctx := scopetest.Context(t)
		s := httptest.NewUnstartedServer(&profile.Handler{})
		s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
		s.Start()
		t.Cleanup(s.Close)
		return fetch(t, s, target)
	}},
	{"a server", true, func(t *testing.T, target string) answer {
		s := httptest.NewServer(&profile.Handler{})
		t.Cleanup(s.Close)
		return fetch(t, s, target)
	}},
}

// An answer is the response that the page's reader gets. head is the part before <body>, and empty if this is no
// page.
type answer struct {
	status     int
	header     http.Header
	head, body string
}

func newAnswer(status int, header http.Header, page string) answer {
	head, body, ok := strings.Cut(page, "<body>")
	if !ok {
		head, body = "", page
	}
	return answer{status, header, head, body}
}

// serve returns the answer of a new page to r.
func serve(r *http.Request) answer {
	w := httptest.NewRecorder()
	new(profile.Handler).ServeHTTP(w, r)
	return newAnswer(w.Code, w.Header(), w.Body.String())
}

// ask asks a new page for target in the test's scope.
func ask(t *testing.T, target string) answer {
	return serve(httptest.NewRequestWithContext(scopetest.Context(t), http.MethodGet, target, nil))
}

// fetch asks a server with a client outside the scope, as a browser would.
func fetch(t *testing.T, s *httptest.Server, target string) answer {
	resp, err := s.Client().Get(s.URL + target)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return newAnswer(resp.StatusCode, resp.Header, string(body))
}

// octocat returns a user. Its name says which fake sent it.
func octocat(fake int) map[string]any {
	return map[string]any{"login": "octocat", "name": fmt.Sprintf("Octocat of fake %03d", fake), "followers": fake}
}

// repos returns repositories. Their names say which fake sent them.
func repos(fake int) []map[string]any {
	return []map[string]any{{"name": fmt.Sprintf("tide-%03d", fake), "stargazers_count": fake}}
}

// mock returns a fake GitHub that answers both requests of a page.
func mock(t *testing.T, user, repos http.Handler) *httpxtest.Server {
	t.Helper()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Expect("GET /users/octocat").Reply(user)
	gh.Expect("GET /users/octocat/repos").Reply(repos)
	return gh
}

// assertUnreached asserts that the page reached no GitHub, and that the test's fake got no request.
func assertUnreached(t *testing.T, got answer, gh *httpxtest.Server) {
	t.Helper()
	assert.Equal(t, "gls", scope.Carrier())
	assert.Equal(t, http.StatusBadGateway, got.status)
	assert.Contains(t, got.body, "GitHub could not be reached.")
	assert.Empty(t, gh.Requests())
}
