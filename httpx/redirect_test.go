package httpx_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// redirects sends /base/go to where the query says, and answers every other
// request with its path.
func redirects(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/base/go" {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
		return
	}
	fmt.Fprintf(w, "%s referer=%s auth=%s", r.URL.Path, r.Header.Get("Referer"), r.Header.Get("Authorization"))
}

func TestRedirectsAreFollowedFromTheOriginalURL(t *testing.T) {
	t.Parallel()
	fake := serve(t, redirects)
	for _, tt := range []struct{ name, to, want string }{
		{"relative to the path", "next", "/base/next referer=http://api.test/go?to=next auth=secret"},
		{"relative to the host", "/next", "/base/next referer=http://api.test/go?to=/next auth=secret"},
		{"absolute, the original's host", "http://api.test/next", "/base/next referer=http://api.test/go?to=http://api.test/next auth=secret"},
		{"absolute, the fake's own origin", fake.URL + "/base/next", "/base/next referer=http://api.test/go?to=" + fake.URL + "/base/next auth="},
		{"another routed host", "http://other.test/next", "/other/next referer=http://api.test/go?to=http://other.test/next auth="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := scope.With(t.Context(), httpx.Route("api.test", fake.URL+"/base"), httpx.Route("other.test", fake.URL+"/other"))
			req := request(t, ctx, http.MethodGet, "http://api.test/go?to="+tt.to, nil)
			req.Header.Set("Authorization", "secret")
			assert.Equal(t, tt.want, text(wrapped(t).Do(req)))
		})
	}
}

func TestBaseURLIsNotDoubledByAnAbsoluteRedirect(t *testing.T) {
	t.Parallel()
	fake := serve(t, redirects)
	ctx := scope.Set(t.Context(), httpx.BaseURL, fake.URL+"/base")
	got := get(ctx, wrapped(t), "http://api.test/go?to="+fake.URL+"/base/next")
	assert.Contains(t, got, "/base/next ")
	assert.NotContains(t, got, "/base/base")
}

func TestLocationIsThatOfTheOriginalURL(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]scope.Binding{
		"server":  httpx.Route("api.test", serve(t, redirects).URL+"/base"),
		"handler": httpx.RouteHandler("api.test", http.StripPrefix("", http.RedirectHandler("next", http.StatusFound))),
	} {
		client := wrapped(t)
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		req := request(t, scope.With(t.Context(), b), http.MethodGet, "http://api.test/go?to=next", nil)
		resp := do(t, client, req)
		u, err := resp.Location()
		require.NoError(t, err, name)
		assert.Equal(t, "http://api.test/next", u.String(), name)
	}
}

func TestResponseRequestIsTheRequestOfTheLastHop(t *testing.T) {
	t.Parallel()
	fake := serve(t, redirects)
	ctx := scope.With(t.Context(), httpx.Route("api.test", fake.URL+"/base"))
	client := wrapped(t)
	var via []*http.Request
	client.CheckRedirect = func(req *http.Request, before []*http.Request) error {
		via = append(before, req)
		return nil
	}
	req := request(t, ctx, http.MethodGet, "http://api.test/go?to=next", nil)
	resp := do(t, client, req)
	require.Len(t, via, 2)
	assert.Same(t, req, via[0])
	assert.Same(t, via[1], resp.Request)
	assert.Equal(t, "http://api.test/next", resp.Request.URL.String())
	assert.Same(t, req, resp.Request.Response.Request)
}

func TestCookiesAreTheOriginalURLs(t *testing.T) {
	t.Parallel()
	h := func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/"})
		fmt.Fprint(w, r.Header.Get("Cookie"))
	}
	for name, b := range ends(t, h) {
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		client := wrapped(t)
		client.Jar = jar
		ctx := scope.With(t.Context(), b)
		assert.Equal(t, "", get(ctx, client, "http://api.test/"), name)
		assert.Equal(t, "seen=1", get(ctx, client, "http://api.test/"), name)
		req := request(t, ctx, http.MethodGet, "http://api.test/", nil)
		assert.Len(t, jar.Cookies(req.URL), 1, name)
		fake := request(t, ctx, http.MethodGet, "http://127.0.0.1/", nil)
		assert.Empty(t, jar.Cookies(fake.URL), name)
	}
}
