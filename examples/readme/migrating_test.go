//go:build !scope_portable

package readme

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// The code of docs/migrating.md after the migration.

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, text) }
}

func fetched(url string) string {
	resp, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

// A base URL in a package variable.

var apiURL = scope.NewKey("api.url", "https://api.example.com")

func price(id string) string { return fetched(apiURL.Get() + "/prices/" + id) }

func TestABaseURL(t *testing.T) {
	t.Parallel()
	fake := httpxtest.NewServer(t)
	fake.Expect("GET /prices/7").Reply(httpxtest.Text(200, "12"))
	scopetest.Set(t, apiURL, fake.URL)
	assert.Equal(t, "12", price("7"))
}

// A mux and a server in package variables.

var mux = scope.NewKey[*http.ServeMux]("mux", nil)

func setup(t *testing.T) {
	own := http.NewServeMux()
	scopetest.With(t, mux.Bind(own), httpx.RouteHandler("*", own))
}

func TestAMux(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			setup(t)
			mux.Get().HandleFunc("GET /users/octocat", say(fmt.Sprint("octocat ", i)))
			assert.Equal(t, fmt.Sprint("octocat ", i), fetched("https://api.github.com/users/octocat"))
		})
	}
}

// t.Setenv.

func region() string { return env.Getenv("REGION") }

func TestAnEnvironment(t *testing.T) {
	t.Parallel()
	envtest.Setenv(t, "REGION", "eu")
	assert.Equal(t, "eu", region())
}

// A swapped http.DefaultTransport.

type recorder struct{}

func (recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Body: http.NoBody, Request: r}, nil
}

func TestATransport(t *testing.T) {
	t.Parallel()
	scopetest.With(t, httpx.RouteTransport("*", recorder{}))
	assert.Empty(t, fetched("https://api.example.com/"))
}

// gock without IsDone.

func TestAMockThatMayCome(t *testing.T) {
	t.Parallel()
	api := httpxtest.Mock(t, "api.example.com")
	api.Expect("GET /zen").AtMost(1).Reply(httpxtest.Text(200, "zen"))
}
