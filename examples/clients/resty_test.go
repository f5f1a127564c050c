package clients

import (
	"context"
	"testing"

	"github.com/go-resty/resty/v2"

	"github.com/scopetree/scope/httpx"
)

func TestResty(t *testing.T) { each(t, restyV2) }

var restyV2 = client{
	name: "resty", module: "github.com/go-resty/resty/v2",
	host: "api.github.com", pattern: "GET /users/octocat", reply: gitHubUser,
	escapes: true,
	usual: func() ask {
		return octocatByResty(resty.New())
	},
	hooked: func() ask {
		c := resty.NewWithClient(httpx.Client()) // the hook
		return octocatByResty(c)
	},
}

func octocatByResty(c *resty.Client) ask {
	return func(ctx context.Context) (string, error) {
		var user struct{ Name string }
		_, err := c.R().SetContext(ctx).SetResult(&user).Get("https://api.github.com/users/octocat")
		return user.Name, err
	}
}
