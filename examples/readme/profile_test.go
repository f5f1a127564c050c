//go:build !scope_portable

package readme

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

var app *httptest.Server

func TestMain(m *testing.M) {
	app = httptest.NewServer(httpx.Adopt(newApp())) // one server, for all tests
	httpxtest.Main(m)                               // and each request to it runs in its own test
}

func TestProfileName(t *testing.T) {
	t.Parallel()
	github := httpxtest.Mock(t, "api.github.com") // a fake GitHub, for this test alone
	github.Expect("GET /users/{login}").Reply(httpxtest.JSON(200, map[string]string{"name": "Ada"}))

	name, err := ProfileName("ada")

	require.NoError(t, err)
	assert.Equal(t, "Ada", name)
}

// newApp is a server that asks GitHub.
func newApp() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, err := ProfileName(r.URL.Query().Get("login"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		io.WriteString(w, "Hello, "+name)
	})
}

func TestGreeting(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Ada", "Grace"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			httpxtest.Mock(t, "api.github.com").
				Expect("GET /users/{login}").Reply(httpxtest.JSON(200, map[string]string{"name": name}))

			resp, err := http.Get(app.URL + "?login=x")

			require.NoError(t, err)
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			assert.Equal(t, "Hello, "+name, string(b))
		})
	}
}

func TestSetenvPanicsInAParallelTest(t *testing.T) {
	defer func() { assert.NotNil(t, recover()) }()
	t.Parallel()
	t.Setenv("PAYMENTS_URL", "http://127.0.0.1:4321") // panics: the environment is global
}
