package clients

import (
	"context"
	"net/http"
	"testing"

	"github.com/slack-go/slack"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestSlack(t *testing.T) { each(t, slackGo) }

var slackGo = client{
	name: "slack-go", module: "github.com/slack-go/slack",
	host: "slack.com", pattern: "POST /api/auth.test", reply: slackUser,
	usual: func() ask {
		return authTest(slack.New("xoxb-token"))
	},
	hooked: func() ask {
		return authTest(slack.New("xoxb-token",
			slack.OptionHTTPClient(httpx.Client()), // the hook
		))
	},
}

func authTest(c *slack.Client) ask {
	return func(ctx context.Context) (string, error) {
		who, err := c.AuthTestContext(ctx)
		if err != nil {
			return "", err
		}
		return who.User, nil
	}
}

func slackUser(name string) http.Handler {
	return httpxtest.JSON(200, map[string]any{"ok": true, "user": name})
}
