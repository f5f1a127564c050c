package installtest

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// This is the case for which the library exists, with http.DefaultTransport of the same
// type as before: 200 parallel tests ask the same URL, and each reaches its own fake.
func TestParallelTestsReachTheirOwnFake(t *testing.T) {
	t.Parallel()
	clients := []*http.Client{http.DefaultClient, {Transport: aClone}}
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprintf("fake %d", i)
			fake := serve(t, says(mine))
			inScope(t, func(ctx context.Context) {
				for _, c := range clients {
					assert.Equal(t, mine, text(c.Get("http://api.github.com/users/same")))
					assert.Equal(t, mine, text(c.Get("https://api.github.com/users/same")))
					assert.Equal(t, mine, get(ctx, c, "https://api.github.com/users/same"))
					if scope.Carrier() == "labels" {
						answer := make(chan string)
						go func() { answer <- text(c.Get("https://api.github.com/users/same")) }()
						assert.Equal(t, mine, <-answer)
					}
				}
			}, httpx.Route("api.github.com", fake.URL))
		})
	}
}

// A scope that no lifetime ends has a pool of its own too.
func TestScopesWithoutALifetimeReachTheirOwnFake(t *testing.T) {
	t.Parallel()
	a, b := serve(t, says("a")), serve(t, says("b"))
	eachClient(t, "api.github.com", func(t *testing.T, client *http.Client, url string) {
		inA := scope.With(context.Background(), httpx.Route("api.github.com", a.URL))
		inB := scope.With(context.Background(), httpx.Route("api.github.com", b.URL))
		for range 3 {
			assert.Equal(t, "a", get(inA, client, url))
			assert.Equal(t, "b", get(inB, client, url))
		}
	})
}

// A request that is sent in a test's server is in the test's scope.
func TestHandlersSendInTheRequestsScope(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("hookedtest.who", "nobody")
	eachClient(t, "api.github.com", func(t *testing.T, client *http.Client, url string) {
		inScope(t, func(ctx context.Context) {
			assert.Equal(t, "this test", get(ctx, client, url))
		}, key.Bind("this test"), httpx.RouteHandler("api.github.com", http.HandlerFunc(
			func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, "this test", key.Get(), "the goroutine")
				says(scope.Get(r.Context(), key))(w, r)
			})))
	})
}
