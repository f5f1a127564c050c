package debug_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope/debug"
	"github.com/scopetree/scope/httpx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newPage returns a page that is closed when the test ends.
func newPage(t testing.TB, opts ...debug.Option) *debug.Page {
	p := debug.Handler(opts...)
	t.Cleanup(p.Close)
	return p
}

// request returns a request from this machine, as a browser on it sends it.
func request(target string, header ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:4321", "localhost:8080"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func answer(p *debug.Page, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// html and text return the page of the scopes with name in their path.
func html(t testing.TB, p *debug.Page, name string) string { return get(t, p, "?name="+name) }
func text(t testing.TB, p *debug.Page, name string) string {
	return get(t, p, "?format=json&name="+name)
}

func get(t testing.TB, p *debug.Page, query string) string {
	w := answer(p, request("/debug/scope"+query))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	return w.Body.String()
}

// A listing is the page's JSON, as far as tests ask.
type listing struct {
	Carrier              string
	Live, Shown, Omitted int
	Scopes               []listed
}

type listed struct {
	Name, Path, Age     string
	Bound, Routed       int
	Bindings, Inherited []struct {
		Key, Value, Place, Scope string
		Redacted                 bool
	}
	Requests []struct {
		Line  string
		Count int
	}
	Scopes []listed
}

func list(t testing.TB, p *debug.Page, name string) (l listing) {
	require.NoError(t, json.Unmarshal([]byte(text(t, p, name)), &l))
	return l
}

// names are those of scopes, and below them of the scopes below.
func names(list []listed) (all []any) {
	for _, s := range list {
		all = append(all, s.Name)
		if s.Scopes != nil {
			all = append(all, names(s.Scopes))
		}
	}
	return all
}

// send sends a GET in ctx's scope.
func send(t testing.TB, ctx context.Context, url string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := httpx.Client().Do(r)
	require.NoError(t, err)
	assert.NoError(t, resp.Body.Close())
}

func ok(http.ResponseWriter, *http.Request) {}
