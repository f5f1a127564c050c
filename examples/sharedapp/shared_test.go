package sharedapp_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/githubprofile/fakegithub"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestPageOfTheSharedApp(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com") // a fake GitHub, for this test alone
	gh.Stub("GET /users/octocat").Reply(httpxtest.JSON(200, map[string]string{"login": "octocat", "name": "Ada"}))
	gh.Stub("GET /users/octocat/repos").Reply(httpxtest.JSON(200, []any{}))
	token := httpx.Token(scopetest.Context(t)) // for all that the test sets, now and later

	req, err := http.NewRequest("GET", app.URL+"/?username=octocat", nil)
	require.NoError(t, err)
	req.Header.Set("Scope-Token", token)
	status, page := send(t, app.Client(), req)

	assert.Equal(t, 200, status)
	assert.Contains(t, page, "Ada")
}

func TestParallelTestsShareTheApp(t *testing.T) {
	t.Parallel()
	for n := range 50 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprintf("Octocat of test %02d", n)
			mockGitHub(t, name)
			status, page := ask(t, httpx.Token(scopetest.Context(t)))
			assert.Equal(t, http.StatusOK, status)
			assert.Contains(t, page, ">"+name+"</h2>")
		})
	}
}

// A client that follows scopes sends the token by itself.
func TestClientsSendTheTokenThemselves(t *testing.T) {
	t.Parallel()
	for n := range 20 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprintf("Octocat of client %02d", n)
			mockGitHub(t, name)
			ctx := scopetest.With(t,
				httpx.SendToken.Bind(true),
				httpx.Route(app.Listener.Addr().String(), app.URL), // without this route, Mock refuses the request to the app
			)
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, app.URL+"/?username=octocat", nil)
			require.NoError(t, err)
			status, page := send(t, http.DefaultClient, req)
			assert.Equal(t, http.StatusOK, status)
			assert.Contains(t, page, ">"+name+"</h2>")
		})
	}
}

func TestRequestWithoutATokenFindsNoGitHub(t *testing.T) {
	t.Parallel()
	mockGitHub(t, "Octocat")
	req, err := http.NewRequest(http.MethodGet, app.URL+"/?username=octocat", nil)
	require.NoError(t, err)
	status, page := send(t, app.Client(), req)
	assert.Equal(t, http.StatusBadGateway, status)
	assert.Contains(t, page, "GitHub could not be reached.")
}

func TestTokenEndsWithItsTest(t *testing.T) {
	t.Parallel()
	var token string
	t.Run("short", func(t *testing.T) {
		mockGitHub(t, "Octocat")
		token = httpx.Token(scopetest.Context(t))
	})
	status, answer := ask(t, token)
	assert.Equal(t, http.StatusGone, status)
	assert.Contains(t, answer, "the token in the request's Scope-Token header names no scope that is alive")
}

// mockGitHub returns a fake GitHub. Its octocat has a name that says which fake
// sent it, and an avatar that a browser can load.
func mockGitHub(t *testing.T, name string) *httpxtest.Server {
	t.Helper()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Stub("GET /users/octocat").Reply(httpxtest.JSON(http.StatusOK, map[string]string{
		"login": "octocat", "name": name, "avatar_url": gh.URL + "/avatars/octocat",
	}))
	gh.Stub("GET /users/octocat/repos").Reply(httpxtest.JSON(http.StatusOK, []any{}))
	gh.Stub("GET /avatars/octocat").Reply(fakegithub.New())
	return gh
}

// ask asks the shared app for octocat's page, with a client outside any scope.
func ask(t *testing.T, token string) (status int, page string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, app.URL+"/?username=octocat", nil)
	require.NoError(t, err)
	req.Header.Set("Scope-Token", token)
	return send(t, app.Client(), req)
}

func send(t *testing.T, client *http.Client, req *http.Request) (status int, body string) {
	t.Helper()
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}
