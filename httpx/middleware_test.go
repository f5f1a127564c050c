package httpx_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

var tenant = scope.NewKey("test.tenant", "none")

// tellTenant answers with the tenant that code without a context sees, and the one that
// code with a context sees.
func tellTenant(w http.ResponseWriter, r *http.Request) {
	io.WriteString(w, tenant.Get()+" "+scope.Get(r.Context(), tenant))
}

// adopt adds a scope to the context of requests that name a tenant, as an authentication
// middleware would.
func adopt(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := r.Header.Get("X-Tenant"); name != "" {
			r = r.WithContext(scope.Set(r.Context(), tenant, name))
		}
		next.ServeHTTP(w, r)
	})
}

func TestMiddlewareBindsTheRequestsScope(t *testing.T) {
	t.Parallel()
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	h := httpx.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tellTenant(w, r)
		io.WriteString(w, " "+text(http.Get(real.URL)))
	}))
	ctx := scope.With(t.Context(), tenant.Bind("ours"), httpx.Route(real.host(), fake.URL))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
	assert.Equal(t, "ours ours fake", w.Body.String())
	assert.Equal(t, "none", tenant.Get(), "after")
}

func TestMiddlewareBindsTheScopeAgainAfterARequest(t *testing.T) {
	t.Parallel()
	h := adopt(httpx.Middleware(http.HandlerFunc(tellTenant)))
	inScope(t, func(context.Context) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-Tenant", "inner")
		h.ServeHTTP(w, r)
		assert.Equal(t, "inner inner", w.Body.String())
		assert.Equal(t, "outer", tenant.Get(), "after")

		assert.Panics(t, func() {
			httpx.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })).ServeHTTP(w, r)
		})
		assert.Equal(t, "outer", tenant.Get(), "after a panic")
	}, tenant.Bind("outer"))
}

// One goroutine serves both requests: that of the connection.
func TestSecondRequestOfAConnectionDoesNotSeeTheFirstsScope(t *testing.T) {
	t.Parallel()
	s := serve(t, adopt(httpx.Middleware(http.HandlerFunc(tellTenant))).ServeHTTP)
	client := &http.Client{Transport: plain(t)}
	ask := func(name string) string {
		req := request(t, t.Context(), http.MethodGet, s.URL, nil)
		req.Header.Set("X-Tenant", name)
		return text(client.Do(req))
	}
	assert.Equal(t, "none none", ask(""))
	assert.Equal(t, "first first", ask("first"))
	assert.Equal(t, "none none", ask(""))
	assert.Equal(t, "second second", ask("second"))
	assert.EqualValues(t, 1, s.conns.Load(), "connections")
}

// With the labels carrier, a server's goroutines inherit from the goroutine that started
// the server. With every carrier, Config.BaseContext can set the scope, and Middleware
// binds it.
func TestMiddlewareBindsTheScopeThatTheServerWasStartedIn(t *testing.T) {
	t.Parallel()
	inScope(t, func(ctx context.Context) {
		inherits := serve(t, httpx.Middleware(http.HandlerFunc(tellTenant)).ServeHTTP)
		want := "ours ours"
		if !labels() {
			want = "none none"
		}
		assert.Equal(t, want, get(context.Background(), &http.Client{Transport: plain(t)}, inherits.URL))
	}, tenant.Bind("ours"))

	ctx := scope.Set(context.Background(), tenant, "base")
	s := httptest.NewUnstartedServer(httpx.Middleware(http.HandlerFunc(tellTenant)))
	s.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	s.Start()
	t.Cleanup(s.Close)
	assert.Equal(t, "base base", get(context.Background(), &http.Client{Transport: plain(t)}, s.URL))
}

func TestMiddlewareLeavesARequestWithoutAScopeAlone(t *testing.T) {
	t.Parallel()
	var got *http.Request
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	httpx.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r })).ServeHTTP(nil, r)
	require.NotNil(t, got)
	assert.Same(t, r, got)
}

// A context that == panics on.
type incomparable struct {
	context.Context
	_ func()
}

func TestMiddlewareTakesAContextThatCannotBeCompared(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(incomparable{Context: t.Context()}, http.MethodGet, "/", nil)
	httpx.Middleware(http.HandlerFunc(tellTenant)).ServeHTTP(w, r)
	assert.Equal(t, "none none", w.Body.String())
}

func TestMiddlewareMakesTheScopeItBinds(t *testing.T) {
	t.Parallel()
	number := scope.NewKey("number", 0)
	h := httpx.Middleware(http.HandlerFunc(tellTenant),
		func(r *http.Request) []scope.Binding {
			return []scope.Binding{tenant.Bind(r.Header.Get("X-Tenant")), number.Bind(1)}
		},
		func(r *http.Request) []scope.Binding {
			if r.URL.Path == "/admin" {
				return []scope.Binding{tenant.Bind("admin")}
			}
			return nil
		})
	for path, want := range map[string]string{"/": "acme acme", "/admin": "admin admin"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(scope.Set(t.Context(), tenant, "outer"), http.MethodGet, path, nil)
		r.Header.Set("X-Tenant", "acme")
		h.ServeHTTP(w, r)
		assert.Equal(t, want, w.Body.String())
	}
	assert.Equal(t, "none", tenant.Get(), "after")
}

func TestMiddlewareOfNilPanics(t *testing.T) {
	t.Parallel()
	const text = "httpx: Middleware of a nil handler or function"
	assert.PanicsWithValue(t, text, func() { httpx.Middleware(nil) })
	assert.PanicsWithValue(t, text, func() { httpx.Middleware(http.NotFoundHandler(), nil) })
}
