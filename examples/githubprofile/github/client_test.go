package github_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/examples/githubprofile/github"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestEachTestCallsItsOwnGitHub(t *testing.T) {
	t.Parallel()
	for n := range 50 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			gh := httpxtest.Mock(t, "api.github.com")
			gh.Expect("GET /users/octocat").Reply(httpxtest.JSON(200, map[string]any{"login": "octocat", "followers": n}))
			gh.Expect("GET /users/octocat/repos").Reply(httpxtest.JSON(200, []map[string]any{{"stargazers_count": n}}))

			var client github.Client
			user, err := client.User(scopetest.Context(t), "octocat")
			require.NoError(t, err)
			assert.Equal(t, github.User{Login: "octocat", Followers: n}, user)
			repos, err := client.Repos(scopetest.Context(t), "octocat")
			require.NoError(t, err)
			assert.Equal(t, []github.Repo{{Stars: n}}, repos)
		})
	}
}

// If the caller's context has no scope, the client uses the scope of its goroutine, where goroutines carry
// scopes.
func TestClientNeedsNoScopeInItsContext(t *testing.T) {
	t.Parallel()
	for n := range 50 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			gh := httpxtest.Mock(t, "api.github.com")
			gh.Stub("GET /users/octocat").Reply(httpxtest.JSON(200, map[string]any{"login": "octocat", "followers": n}))

			user, err := new(github.Client).User(context.Background(), "octocat")

			if scope.Carrier() == "gls" {
				require.ErrorIs(t, err, httpx.ErrRefused, "the scope is in the context alone")
				assert.Empty(t, gh.Requests())
				return
			}
			require.NoError(t, err)
			assert.Equal(t, n, user.Followers)
		})
	}
}

func TestClientUsesTheClientThatItIsGiven(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Expect("GET /users/octocat").Reply(httpxtest.JSON(200, map[string]any{"login": "octocat"}))
	sent := 0
	client := github.Client{HTTP: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		sent++
		return http.DefaultTransport.RoundTrip(r)
	})}}
	_, err := client.User(scopetest.Context(t), "octocat")
	require.NoError(t, err)
	assert.Equal(t, 1, sent)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestClientSaysWhoAsks(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	for _, path := range []string{"/users/octocat", "/users/octocat/repos"} {
		gh.Expect("GET "+path).
			Header("Accept", "application/vnd.github+json").
			Header("User-Agent", "scopetree-githubprofile").
			Header("X-GitHub-Api-Version", "2022-11-28").
			Reply(httpxtest.Status(http.StatusNotFound))
	}
	_, err := new(github.Client).User(scopetest.Context(t), "octocat")
	require.ErrorIs(t, err, github.ErrNotFound)
	_, err = new(github.Client).Repos(scopetest.Context(t), "octocat")
	require.ErrorIs(t, err, github.ErrNotFound)
	for _, r := range gh.Requests() {
		assert.Equal(t, "api.github.com", r.Host)
	}
}

func TestReposAsksForTheFiveUpdatedLast(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Expect("GET /users/octocat/repos").Query("sort", "updated").Query("per_page", "5").
		Reply(httpxtest.JSON(200, []map[string]any{{
			"name": "tide", "html_url": "https://github.example/octocat/tide", "description": "Comes in.",
			"language": "Go", "stargazers_count": 1482, "updated_at": "2026-03-14T09:26:53Z", "private": false,
		}, {
			"name": "ink", "description": nil, "language": nil,
		}}))
	repos, err := new(github.Client).Repos(scopetest.Context(t), "octocat")
	require.NoError(t, err)
	assert.Equal(t, []github.Repo{{
		Name: "tide", HTMLURL: "https://github.example/octocat/tide", Description: "Comes in.",
		Language: "Go", Stars: 1482, UpdatedAt: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC),
	}, {
		Name: "ink",
	}}, repos)
}

func TestUserReadsEveryField(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Expect("GET /users/Octocat").Reply(httpxtest.Text(200, `{
		"login": "octocat", "name": " The Octocat\n", "avatar_url": "https://avatars.example/1",
		"html_url": "https://github.example/octocat", "bio": null, "company": "@github", "location": "The Pacific",
		"blog": "", "public_repos": 8, "followers": 12345, "id": 583231, "plan": {"name": "free"}
	}`))
	user, err := new(github.Client).User(scopetest.Context(t), "Octocat")
	require.NoError(t, err)
	assert.Equal(t, github.User{
		Login: "octocat", Name: "The Octocat", AvatarURL: "https://avatars.example/1",
		HTMLURL: "https://github.example/octocat", Company: "@github", Location: "The Pacific",
		PublicRepos: 8, Followers: 12345,
	}, user)
}

func TestInvalidLoginIsNotSent(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	for _, login := range []string{
		"", " ", "-a", "a-", "a--b", "a_b", "a b", "a/b", "..", "a?b", "a%2Fb", "ö", "a\n", strings.Repeat("a", 40),
	} {
		want := fmt.Sprintf("github: login %q: invalid login", login)
		_, err := new(github.Client).User(scopetest.Context(t), login)
		require.ErrorIs(t, err, github.ErrInvalidLogin)
		assert.EqualError(t, err, want)
		_, err = new(github.Client).Repos(scopetest.Context(t), login)
		require.ErrorIs(t, err, github.ErrInvalidLogin)
		assert.EqualError(t, err, want)
	}
	assert.Empty(t, gh.Requests())
}

func TestCheckLoginAcceptsWhatGitHubDoes(t *testing.T) {
	t.Parallel()
	for _, login := range []string{"a", "A1", "0", "a-b", "a-b-c", strings.Repeat("a", 39)} {
		assert.NoError(t, github.CheckLogin(login), "login %q", login)
	}
}
