package httpx_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

func TestTokenHas128Bits(t *testing.T) {
	t.Parallel()
	b, err := base64.RawURLEncoding.DecodeString(httpx.Token(scopetest.Context(t)))
	require.NoError(t, err)
	assert.Len(t, b, 16)
}

func TestTokenIsTheSameForAScope(t *testing.T) {
	t.Parallel()
	inScope(t, func(ctx context.Context) {
		token := httpx.Token(ctx)
		assert.Equal(t, token, httpx.Token(ctx), "again")
		assert.Equal(t, token, httpx.Token(t.Context()), "by the goroutine")
		assert.Equal(t, token, httpx.Token(scope.Capture(t.Context())), "captured")
		assert.NotEqual(t, token, httpx.Token(scope.Set(ctx, tenant, "other")), "a scope that binds more is another")
	})
}

func TestTokenIsTheSameForAllWhoAskAtOnce(t *testing.T) {
	t.Parallel()
	ctx := scopetest.Context(t)
	var all [20]string
	var asked sync.WaitGroup
	for i := range all {
		asked.Go(func() { all[i] = httpx.Token(ctx) })
	}
	asked.Wait()
	for _, token := range all {
		assert.Equal(t, all[0], token)
	}
}

func TestTokensOfTwoScopesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 200 {
		ctx, end := scope.New(t.Context(), "one of many")
		defer end()
		seen[httpx.Token(ctx)] = true
	}
	assert.Len(t, seen, 200)
}

func TestTokenOfAContextWithoutAScopeThatEndsPanics(t *testing.T) {
	t.Parallel()
	const text = "httpx: Token of a context without a scope that ends: make one with scope.New or scopetest.With"
	for name, ctx := range map[string]context.Context{
		"no scope":    context.Background(),
		"no lifetime": scope.Set(context.Background(), tenant, "ours"),
		"detached":    scope.Detach(scopetest.Context(t)),
	} {
		elsewhere(func() { assert.PanicsWithValue(t, text, func() { httpx.Token(ctx) }, name) })
	}
}

func TestTokensAreForgottenWithTheirScope(t *testing.T) {
	t.Parallel()
	outer, endOuter := scope.New(t.Context(), "outer")
	inner, endInner := scope.New(outer, "inner")
	outers, inners := httpx.Token(outer), httpx.Token(inner)
	assert.True(t, httpx.Redeemable(outers) && httpx.Redeemable(inners))
	endInner()
	assert.True(t, httpx.Redeemable(outers))
	assert.False(t, httpx.Redeemable(inners))
	assert.False(t, httpx.Redeemable(httpx.Token(inner)), "made after the end")
	endOuter()
	assert.False(t, httpx.Redeemable(outers))
	assert.False(t, httpx.Redeemable(httpx.Token(outer)), "made after the end")
}

func TestTokenMadeWhileTheScopeEndsIsForgotten(t *testing.T) {
	t.Parallel()
	for range 200 {
		ctx, end := scope.New(context.Background(), "short")
		made := make(chan string)
		go func() { made <- httpx.Token(ctx) }()
		end()
		assert.False(t, httpx.Redeemable(<-made))
	}
}

func TestSendTokenIsForLoopbackHosts(t *testing.T) {
	t.Parallel()
	ctx := scopetest.With(t, httpx.SendToken.Bind(true))
	for url, want := range map[string]bool{
		"http://localhost/":               true,
		"http://LOCALHOST:8080/":          true,
		"https://127.0.0.1/":              true,
		"http://127.9.9.9:80/":            true,
		"http://[::1]:8080/":              true,
		"http://[::ffff:127.0.0.1]/":      true,
		"http://api.test/":                false,
		"http://localhost.api.test/":      false,
		"http://127.0.0.1.api.test/":      false,
		"http://api.test/?u=localhost":    false,
		"http://localhost@api.test/":      false,
		"http://10.0.0.1/":                false,
		"http://0.0.0.0/":                 false,
		"http://[::1%25eth0]/":            false,
		"http://[::ffff:10.0.0.1]:12345/": false,
	} {
		req := request(t, t.Context(), http.MethodGet, url, nil)
		req.Header.Set("Accept", "text/plain")
		sent := httpx.WithToken(ctx, req)
		assert.NotContains(t, req.Header, "Scope-Token", "the caller's request is its own")
		if !want {
			assert.Same(t, req, sent, url)
			continue
		}
		assert.Equal(t, http.Header{"Accept": {"text/plain"}, "Scope-Token": {httpx.Token(ctx)}}, sent.Header, url)
		assert.Same(t, req.URL, sent.URL, url)
	}
}

func TestSendTokenLeavesARequestsOwnTokenAlone(t *testing.T) {
	t.Parallel()
	ctx := scopetest.With(t, httpx.SendToken.Bind(true))
	for _, own := range [][]string{{"another"}, {""}, nil} {
		req := request(t, t.Context(), http.MethodGet, "http://localhost/", nil)
		req.Header["Scope-Token"] = own
		assert.Same(t, req, httpx.WithToken(ctx, req))
	}
}

func TestSendTokenNeedsToBeBoundInAScopeThatEnds(t *testing.T) {
	t.Parallel()
	req := request(t, t.Context(), http.MethodGet, "http://localhost/", nil)
	assert.Same(t, req, httpx.WithToken(scopetest.Context(t), req), "not bound")
	forever := scope.Set(scope.Detach(context.Background()), httpx.SendToken, true)
	assert.Same(t, req, httpx.WithToken(forever, req), "a scope without a lifetime")
}

func TestSendTokenTakesARequestWithoutAHeader(t *testing.T) {
	t.Parallel()
	ctx := scopetest.With(t, httpx.SendToken.Bind(true))
	req := request(t, t.Context(), http.MethodGet, "http://localhost/", nil)
	req.Header = nil
	assert.Equal(t, http.Header{"Scope-Token": {httpx.Token(ctx)}}, httpx.WithToken(ctx, req).Header)
	assert.Nil(t, req.Header)
}

// From here on the token is sent, by clients that know nothing of it.

func TestClientsOfAScopeJoinItInASharedServer(t *testing.T) {
	t.Parallel()
	shared := serve(t, httpx.Adopt(http.HandlerFunc(tellTenant)).ServeHTTP)
	for name, b := range map[string][]scope.Binding{
		"allowed":                {httpx.Unrouted.Bind(httpx.Allow)},
		"refused elsewhere":      {httpx.Unrouted.Bind(httpx.RefuseRemote)},
		"refused, but for it":    {httpx.Unrouted.Bind(httpx.Refuse), httpx.Route(shared.host(), shared.URL)},
		"refused, but for a way": {httpx.Unrouted.Bind(httpx.Refuse), httpx.Route("app.test", shared.URL)},
	} {
		inScope(t, func(ctx context.Context) {
			for _, client := range []*http.Client{http.DefaultClient, httpx.Client(), wrapped(t)} {
				assert.Equal(t, name+" "+name, get(ctx, client, shared.URL), "by the context")
				assert.Equal(t, name+" "+name, text(client.Get(shared.URL)), "by the goroutine")
			}
			resp := do(t, httpx.Client(), request(t, ctx, http.MethodGet, shared.URL, nil))
			assert.NotContains(t, resp.Request.Header, "Scope-Token", "the response's request is the caller's own")
		}, append(b, httpx.SendToken.Bind(true), tenant.Bind(name))...)
	}
}

func TestTokenDoesNotFollowARedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	there := make(chan http.Header, 1)
	shared := serve(t, httpx.Adopt(http.RedirectHandler("http://api.test/", http.StatusFound)).ServeHTTP)
	inScope(t, func(ctx context.Context) {
		for _, client := range []*http.Client{http.DefaultClient, wrapped(t)} {
			assert.Equal(t, "hello", get(ctx, client, shared.URL))
			assert.NotContains(t, <-there, "Scope-Token")
		}
	}, httpx.SendToken.Bind(true), httpx.RouteHandler("api.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there <- r.Header
		fmt.Fprint(w, "hello")
	})))
}
