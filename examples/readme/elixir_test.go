//go:build !scope_portable

package readme

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// fetch is the code under test of this file. It knows nothing of tests.
func fetch(path string) (status int, body string, err error) {
	return do(http.MethodGet, path, "")
}

func do(method, path, content string) (status int, body string, err error) {
	req, err := http.NewRequest(method, "https://api.example.com"+path, strings.NewReader(content))
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

func TestServerInAnOrder(t *testing.T) {
	t.Parallel()
	api := httpxtest.Mock(t, "api.example.com")
	api.Expect("GET /").Reply(httpxtest.Text(200, "first"))
	api.Expect("GET /").Reply(httpxtest.Text(200, "second"))

	_, first, err := fetch("/")
	require.NoError(t, err)
	_, second, err := fetch("/")
	require.NoError(t, err)

	assert.Equal(t, "first second", first+" "+second)
}

func TestServerByItsURL(t *testing.T) {
	t.Parallel()
	srv := httpxtest.NewServer(t)
	srv.Expect("GET /").Reply(httpxtest.Text(200, "HTTP"))
	scopetest.Set(t, httpx.BaseURL, srv.URL)

	_, body, err := fetch("/")

	require.NoError(t, err)
	assert.Equal(t, "HTTP", body)
}

func TestServerMatches(t *testing.T) {
	t.Parallel()
	api := httpxtest.Mock(t, "api.example.com")
	api.Stub("GET /search").Query("a", "1").Reply(httpxtest.Text(200, "one"))
	api.Expect("GET /search").Match(func(r *http.Request) error {
		if r.FormValue("a") == "" {
			return errors.New("no a")
		}
		return nil
	}).Reply(httpxtest.Text(200, "any"))

	_, any, err := fetch("/search?a=2")
	require.NoError(t, err)
	_, one, err := fetch("/search?a=1")
	require.NoError(t, err)
	assert.Equal(t, "any one", any+" "+one)
}

func TestServerMiddleware(t *testing.T) {
	t.Parallel()
	api := httpxtest.Mock(t, "api.example.com")
	api.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Server", "fake")
			next.ServeHTTP(w, r)
		})
	})
	api.Expect("/anything")

	status, _, err := fetch("/anything")
	require.NoError(t, err)
	assert.Equal(t, 200, status)
}

func TestServerKinds(t *testing.T) {
	t.Parallel()
	secure := httpxtest.Mock(t, "api.example.com", httpxtest.TLS(), httpxtest.HTTP2())
	other := httpxtest.NewServer(t, httpxtest.IPv6())
	secure.Expect("GET /").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.Proto)
	})

	_, body, err := fetch("/")
	require.NoError(t, err)
	assert.Equal(t, "HTTP/2.0", body)
	assert.Contains(t, other.URL, "[::1]")
}

func TestBypassRateLimit(t *testing.T) {
	t.Parallel()
	api := httpxtest.Mock(t, "api.example.com")
	api.Expect("POST /1.1/statuses/update.json").
		Body("status=hello").
		Reply(httpxtest.Text(429, `{"errors":[{"code":88,"message":"Rate limit exceeded"}]}`))

	status, body, err := do("POST", "/1.1/statuses/update.json", "status=hello")

	require.NoError(t, err)
	assert.Equal(t, 429, status)
	assert.Contains(t, body, "Rate limit exceeded")
}

func TestBypassDownAndUp(t *testing.T) {
	t.Parallel()
	api := httpxtest.Mock(t, "api.example.com")
	api.Expect("GET /").Times(2)

	_, _, err := fetch("/")
	require.NoError(t, err)

	api.Down()
	_, _, err = fetch("/")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)

	api.Up()
	_, _, err = fetch("/")
	require.NoError(t, err)
}

func TestBypassCounts(t *testing.T) {
	t.Parallel()
	api := httpxtest.Mock(t, "api.example.com")
	api.Expect("GET /twice").Times(2)
	api.Expect("GET /often").AtLeast(1)
	api.Stub("GET /perhaps")
	api.Never("DELETE /")

	for _, path := range []string{"/twice", "/twice", "/often", "/often", "/perhaps"} {
		_, _, err := fetch(path)
		require.NoError(t, err)
	}
}
