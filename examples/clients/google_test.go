package clients

import (
	"context"
	"net/http"
	"testing"

	"google.golang.org/api/option"
	"google.golang.org/api/translate/v2"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestGoogleAPI(t *testing.T) { each(t, googleAPI) }

var googleAPI = client{
	name: "google.golang.org/api", module: "google.golang.org/api",
	host: "translation.googleapis.com", pattern: "GET /language/translate/v2/languages", reply: googleLanguage,
	usual: func() ask {
		return language(translate.NewService(context.Background(), option.WithAPIKey("key")))
	},
	hooked: func() ask {
		return language(translate.NewService(context.Background(),
			option.WithHTTPClient(httpx.Client()), // the hook
		))
	},
}

func language(s *translate.Service, err error) ask {
	must(s, err)
	return func(ctx context.Context) (string, error) {
		list, err := s.Languages.List().Context(ctx).Do()
		if err != nil {
			return "", err
		}
		return list.Languages[0].Name, nil
	}
}

func googleLanguage(name string) http.Handler {
	languages := []map[string]string{{"language": "grc", "name": name}}
	return httpxtest.JSON(200, map[string]any{"data": map[string]any{"languages": languages}})
}
