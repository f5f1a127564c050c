package clients

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-github/v89/github"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestGoGitHub(t *testing.T) { each(t, goGitHub) }

func TestGoGitHubWithAToken(t *testing.T) { each(t, goGitHubToken) }

var goGitHub = client{
	name: "go-github", module: "github.com/google/go-github/v89",
	host: "api.github.com", pattern: "GET /users/octocat", reply: gitHubUser,
	usual: func() ask {
		return octocat(github.NewClient())
	},
	hooked: func() ask {
		return octocat(github.NewClient(
			github.WithHTTPClient(httpx.Client()), // the hook
		))
	},
}

var goGitHubToken = client{
	name: "go-github, with a token", module: "github.com/google/go-github/v89",
	host: "api.github.com", pattern: "GET /users/octocat", reply: gitHubUser,
	usual: func() ask {
		return octocat(github.NewClient(github.WithAuthToken("token")))
	},
	hooked: func() ask {
		return octocat(github.NewClient(
			github.WithAuthToken("token"),
			github.WithHTTPClient(httpx.Client()), // the hook
		))
	},
}

func octocat(c *github.Client, err error) ask {
	must(c, err)
	return func(ctx context.Context) (string, error) {
		user, _, err := c.Users.Get(ctx, "octocat")
		return user.GetName(), err
	}
}

func gitHubUser(name string) http.Handler {
	return httpxtest.JSON(200, map[string]string{"login": "octocat", "name": name})
}
