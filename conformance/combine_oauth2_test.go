package conformance

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// asking is a token source that counts its calls.
type asking struct{ times int }

func (a *asking) Token() (*oauth2.Token, error) {
	a.times++
	return &oauth2.Token{AccessToken: "secret"}, nil
}

// A transport below httpx.Wrap sees only the requests to a target. A handler, a Mock or
// any other transport of a route takes its place.
func TestCombineOAuth2AuthorizesWhatPassesIt(t *testing.T) {
	t.Parallel()
	routes := map[string]func(*testing.T, *httpxtest.Server) scope.Binding{
		"target": func(_ *testing.T, s *httpxtest.Server) scope.Binding { return httpx.Route("api.example.com", s.URL) },
		"transport": func(_ *testing.T, s *httpxtest.Server) scope.Binding {
			return httpx.RouteTransport("api.example.com", s.Transport())
		},
		"handler": func(_ *testing.T, s *httpxtest.Server) scope.Binding { return httpx.RouteHandler("api.example.com", s) },
	}
	for position, with := range positions {
		for kind, route := range routes {
			t.Run(position+"/"+kind, func(t *testing.T) {
				t.Parallel()
				server := httpxtest.NewServer(t)
				server.Expect("GET /")
				ctx := scopetest.With(t, route(t, server))
				source := new(asking)
				rt := with(func(below http.RoundTripper) http.RoundTripper {
					return &oauth2.Transport{Source: source, Base: below}
				})(http.DefaultTransport)

				get(t, &http.Client{Transport: rt}, ctx, "https://api.example.com/")

				want, asked := []string{"Bearer secret"}, 1
				if position == "below" && kind != "target" {
					want, asked = nil, 0
				}
				assert.Equal(t, want, server.Requests()[0].Header["Authorization"])
				assert.Equal(t, asked, source.times)
			})
		}
	}
}

// Below httpx.Wrap, no token is fetched for a request that is never sent.
func TestCombineOAuth2BelowIsNotAskedForARefusedRequest(t *testing.T) {
	t.Parallel()
	source := new(asking)
	client := &http.Client{Transport: httpx.Wrap(&oauth2.Transport{Source: source})}
	ctx := scopetest.With(t, httpx.Unrouted.Bind(httpx.Refuse))
	_, err := client.Do(newRequest(t, ctx, asked, nil))
	assert.ErrorIs(t, err, httpx.ErrRefused)
	assert.Zero(t, source.times)
}

// config is the configuration of a program. Nothing in it is there for a test.
var config = &oauth2.Config{
	ClientID: "id",
	Endpoint: oauth2.Endpoint{TokenURL: "https://auth.example.com/token", AuthStyle: oauth2.AuthStyleInParams},
}

func expired() *oauth2.Token {
	return &oauth2.Token{AccessToken: "stale", RefreshToken: "refresh", Expiry: time.Unix(1, 0)}
}

// authServer mocks a token endpoint that gives out one token.
func authServer(t *testing.T, token string) *httpxtest.Server {
	t.Helper()
	auth := httpxtest.Mock(t, "auth.example.com")
	auth.Expect("POST /token").
		Match(func(r *http.Request) error {
			if got := r.FormValue("refresh_token"); got != "refresh" {
				return fmt.Errorf("refresh_token is %q", got)
			}
			return nil
		}).
		Reply(httpxtest.JSON(200, map[string]any{"access_token": token, "token_type": "bearer", "expires_in": 3600}))
	return auth
}

// The token comes from the test's own token endpoint, and goes to the test's own API.
// This works with the client in the context, and with the default client.
func TestCombineOAuth2RefreshesAtTheTestsTokenEndpoint(t *testing.T) {
	t.Parallel()
	shared := &http.Client{Transport: httpx.Wrap(nil)}
	for i := range 10 {
		for name, with := range map[string]func(context.Context) context.Context{
			"own":     func(ctx context.Context) context.Context { return context.WithValue(ctx, oauth2.HTTPClient, shared) },
			"default": func(ctx context.Context) context.Context { return ctx },
		} {
			t.Run(fmt.Sprint(name, i), func(t *testing.T) {
				t.Parallel()
				token := "fresh for " + t.Name()
				authServer(t, token)
				api := httpxtest.Mock(t, "api.example.com")
				api.Expect("GET /").Times(2).Header("Authorization", "Bearer "+token)

				ctx := with(scopetest.Context(t))
				client := config.Client(ctx, expired())

				get(t, client, ctx, "https://api.example.com/")
				get(t, client, ctx, "https://api.example.com/") // with the token of the first request
			})
		}
	}
}

// A client that scopes share fetches its token in the scope of the context that it was
// made with, and keeps it for all. Each of its requests goes where the request's own
// scope says.
func TestCombineOAuth2ATokenBelongsToTheContextOfItsClient(t *testing.T) {
	t.Parallel()
	authServer(t, "the maker's")
	client := config.Client(context.WithValue(scopetest.Context(t), oauth2.HTTPClient, httpx.Client()), expired())
	for _, user := range []string{"ada", "grace"} {
		t.Run(user, func(t *testing.T) { // in order: the first request fetches the token
			auth := httpxtest.Mock(t, "auth.example.com")
			auth.Never("POST /token")
			api := httpxtest.Mock(t, "api.example.com")
			api.Expect("GET /").Header("Authorization", "Bearer the maker's")
			get(t, client, scopetest.Context(t), "https://api.example.com/")
		})
	}
}

// get sends a request, which must be answered with 200, and returns the body.
func get(t *testing.T, client *http.Client, ctx context.Context, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	got := text(t, resp)
	require.Equal(t, http.StatusOK, resp.StatusCode, got)
	return got
}
