package clients

import (
	"context"
	"net/http"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestOpenAI(t *testing.T) { each(t, openaiGo) }

var openaiGo = client{
	name: "openai-go", module: "github.com/openai/openai-go/v3",
	host: "api.openai.com", pattern: "GET /v1/models/gpt", reply: openaiModel,
	usual: func() ask {
		return model(openai.NewClient(option.WithAPIKey("key"), option.WithMaxRetries(0)))
	},
	hooked: func() ask {
		return model(openai.NewClient(
			option.WithAPIKey("key"),
			option.WithHTTPClient(httpx.Client()), // the hook
		))
	},
}

func model(c openai.Client) ask {
	return func(ctx context.Context) (string, error) {
		model, err := c.Models.Get(ctx, "gpt")
		if err != nil {
			return "", err
		}
		return model.OwnedBy, nil
	}
}

func openaiModel(owner string) http.Handler {
	return httpxtest.JSON(200, map[string]any{"object": "model", "id": "gpt", "created": 1, "owned_by": owner})
}
