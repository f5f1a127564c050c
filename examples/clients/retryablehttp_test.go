package clients

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/scopetree/scope/httpx"
)

func TestRetryableHTTP(t *testing.T) { each(t, retryable) }

var retryable = client{
	name: "go-retryablehttp", module: "github.com/hashicorp/go-retryablehttp",
	host: "api.github.com", pattern: "GET /users/octocat", reply: gitHubUser,
	escapes: true,
	usual: func() ask {
		c := retryablehttp.NewClient()
		c.RetryMax = 0
		return octocatWithRetries(c)
	},
	hooked: func() ask {
		c := retryablehttp.NewClient()
		c.HTTPClient = httpx.Client() // the hook
		return octocatWithRetries(c)
	},
}

func octocatWithRetries(c *retryablehttp.Client) ask {
	c.Logger = nil
	return func(ctx context.Context) (string, error) {
		req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, "https://api.github.com/users/octocat", nil)
		if err != nil {
			return "", err
		}
		resp, err := c.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		var user struct{ Name string }
		err = json.NewDecoder(resp.Body).Decode(&user)
		return user.Name, err
	}
}
