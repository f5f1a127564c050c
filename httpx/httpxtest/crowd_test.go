package httpxtest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// A crowd of tests, each with two servers for the same hosts as everybody
// else's. No answer is another's, and no server's end cuts a sibling's
// connection: every request has an answer.
func TestCrowd(t *testing.T) {
	t.Parallel()
	const tests, requests = 300, 20
	for i := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprintf("test %d", i)
			plain := httpxtest.Mock(t, "api.example.com")
			secure := httpxtest.Mock(t, "auth.example.com", httpxtest.TLS())
			plain.Expect("GET /{n}").Times(requests).Reply(httpxtest.Text(200, mine))
			secure.Expect("GET /{n}").Times(requests).Reply(httpxtest.Text(200, mine))
			ctx := scopetest.Context(t)

			for n := range requests {
				for _, host := range []string{"api.example.com", "auth.example.com"} {
					resp, err := sendIn(ctx, fmt.Sprintf("https://%s/%d", host, n))
					require.NoError(t, err)
					body, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					require.NoError(t, err)
					assert.Equal(t, mine, string(body))
				}
			}
		})
	}
}

// A thousand tests, each of which starts what sends before it says where to.
func TestCrowdInAnyOrder(t *testing.T) {
	t.Parallel()
	bound(t)
	tests := 1000
	if testing.Short() {
		tests = 50
	}
	key := scope.NewKey("key", "default")
	for i := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprintf("test %d", i)
			relay := func(host string) string {
				resp, err := http.Get("https://" + host + "/" + key.Get())
				if err != nil {
					return err.Error()
				}
				return read(t, resp)
			}
			app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, relay("a.example"))
			}))
			t.Cleanup(app.Close)
			start, worked := make(chan struct{}), make(chan string)
			go func() {
				<-start
				worked <- relay("b.example")
			}()
			derived := scope.With(scopetest.Context(t), httpx.RouteHandler("c.example", http.NotFoundHandler()))

			httpxtest.Mock(t, "a.example").Expect("GET /mine").Times(2).Reply(httpxtest.Text(200, "a of "+mine))
			b := httpxtest.Mock(t, "b.example")
			b.Expect("GET /mine").Times(2).Reply(httpxtest.Text(200, "b of "+mine))
			scopetest.Set(t, key, "mine")

			resp, err := app.Client().Get(app.URL)
			require.NoError(t, err)
			assert.Equal(t, "a of "+mine, read(t, resp))
			close(start)
			assert.Equal(t, "b of "+mine, <-worked)
			scope.Run(derived, func(context.Context) { assert.Equal(t, "b of "+mine, relay("b.example")) })
			t.Run("sub", func(t *testing.T) {
				httpxtest.Mock(t, "b.example").Expect("GET /sub").Reply(httpxtest.Text(200, "b of "+mine+"'s subtest"))
				scopetest.Set(t, key, "sub")
				assert.Equal(t, "b of "+mine+"'s subtest", relay("b.example"))
			})
			assert.Equal(t, "a of "+mine, relay("a.example"))
		})
	}
}
