package httpx_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

func TestUnroutedRequestsAreAllowedByDefault(t *testing.T) {
	t.Parallel()
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	ctx := scope.With(t.Context(), httpx.Route("api.test", fake.URL))
	assert.Equal(t, "real", get(ctx, wrapped(t), real.URL))
	assert.Equal(t, httpx.Allow, scope.Get(ctx, httpx.Unrouted))
}

func TestRefuseNamesTheRequestTheScopeAndTheRoutes(t *testing.T) {
	t.Parallel()
	const prefix = `Get "http://api.test/x?y=1": httpx: GET http://api.test/x: refused: `
	named, end := scope.New(t.Context(), "TestCheckout")
	defer end()
	refuse := httpx.Unrouted.Bind(httpx.Refuse)
	for want, ctx := range map[string]func() string{
		prefix + `no route for it, and httpx.Unrouted is Refuse; routes: none`: func() string {
			return get(scope.With(t.Context(), refuse), wrapped(t), "http://api.test/x?y=1")
		},
		prefix + `no route for it in scope "TestCheckout", where httpx.Unrouted is Refuse; routes: ` +
			`one.test:8080 → http://127.0.0.1:1/v3, *.two.test → handler http.HandlerFunc, [::1]:80 → transport httpx_test.roundTripper`: func() string {
			ctx := scope.With(named, httpx.RouteTransport("[::1]:80", roundTripper(nil)))
			ctx = scope.With(ctx, refuse,
				httpx.RouteHandler("*.Two.test", says("")),
				httpx.Route("one.test:8080", "http://127.0.0.1:1/v3"))
			return get(ctx, wrapped(t), "http://api.test/x?y=1")
		},
	} {
		assert.Equal(t, want, ctx())
	}
}

// Serial: a default is the whole process's.
func TestRefusalSaysThatThereIsNoScope(t *testing.T) {
	defer httpx.Unrouted.SetDefault(httpx.Refuse)()
	assert.Contains(t, get(t.Context(), wrapped(t), "http://api.test/"),
		"no route for it, since there is no scope in the context or the goroutine, and httpx.Unrouted is Refuse; routes: none")
	assert.Equal(t, scope.Carrier() != "labels",
		strings.Contains(get(t.Context(), wrapped(t), "http://api.test/"), "call the code under test in scope.Run"))
}

func TestRefusalIsErrRefused(t *testing.T) {
	t.Parallel()
	_, err := wrapped(t).Do(request(t, scope.Set(t.Context(), httpx.Unrouted, httpx.Refuse), http.MethodGet, "http://api.test/", nil))
	require.ErrorIs(t, err, httpx.ErrRefused)
	var asURL *url.Error
	assert.True(t, errors.As(err, &asURL))
}

// No route takes it, because package http would not send it.
func TestRefusalListsTheBaseURL(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), httpx.Unrouted.Bind(httpx.Refuse), httpx.BaseURL.Bind("http://127.0.0.1:1/base"))
	assert.Contains(t, get(ctx, wrapped(t), "ftp://api.test/x"), "httpx.Unrouted is Refuse; routes: base URL → http://127.0.0.1:1/base")
}

func TestAURLWithoutAHostIsNoMatterOfRoutes(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), httpx.Unrouted.Bind(httpx.RefuseRemote), httpx.RouteHandler("*", says("fake")))
	assert.Contains(t, get(ctx, wrapped(t), "/v1/projects"), "httpx: GET /v1/projects: the URL has no host: perhaps a base URL is not set")
}

func TestRefuseSendsNothing(t *testing.T) {
	t.Parallel()
	real := serve(t, says("real"))
	get(scope.Set(t.Context(), httpx.Unrouted, httpx.Refuse), wrapped(t), real.URL)
	assert.Zero(t, real.conns.Load())
}

func TestRefuseLetsRoutedRequestsAndTheirTargetsPass(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	outer := scope.With(t.Context(), httpx.Route("outer.test", serve(t, says("outer")).URL))
	ctx := scope.With(outer,
		httpx.Unrouted.Bind(httpx.Refuse),
		httpx.Route("api.test", fake.URL+"/v3"),
		httpx.RouteHandler("memory.test", says("memory")))
	client := wrapped(t)
	assert.Equal(t, "fake", get(ctx, client, "https://api.test/"))
	assert.Equal(t, "fake", get(ctx, client, fake.URL+"/elsewhere"), "its target itself")
	assert.Equal(t, "memory", get(ctx, client, "https://memory.test/"))
	assert.Equal(t, "outer", get(ctx, client, "https://outer.test/"), "an outer scope's route")
	assert.Contains(t, get(ctx, client, "https://other.test/"), "refused")
}

func TestRefuseLetsABaseURLTakeEverything(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), httpx.Unrouted.Bind(httpx.Refuse), httpx.BaseURL.Bind(serve(t, says("fake")).URL))
	assert.Equal(t, "fake", get(ctx, wrapped(t), "https://other.test/"))
}

func TestRefuseRemoteLetsThisMachinePass(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), httpx.Unrouted.Bind(httpx.RefuseRemote), httpx.Route("api.test", serve(t, says("fake")).URL))
	assert.Equal(t, "own", get(ctx, wrapped(t), serve(t, says("own")).URL))
	assert.Equal(t, "fake", get(ctx, wrapped(t), "http://api.test/"))

	sent := httpx.Wrap(roundTripper(func(r *http.Request) (*http.Response, error) { return nil, errors.New("sent to " + r.URL.Host) }))
	for host, passes := range map[string]bool{
		"localhost": true, "LocalHost:8080": true, "127.0.0.1": true, "127.8.8.8:1": true, "localhost.": true, "api.localhost": true, "api.LOCALHOST.:80": true, "[::1]:80": true,
		"0.0.0.0": false, "10.0.0.1": false, "[fe80::1]": false, "localhost.test": false, "notlocalhost": false, ".localhost.test": false, "127.0.0.1.test": false, "127.1": false,
	} {
		got := get(ctx, &http.Client{Transport: sent}, "http://"+host+"/")
		assert.Equal(t, passes, strings.Contains(got, "sent to "+host), got)
		assert.Equal(t, !passes, strings.Contains(got, "httpx.Unrouted is RefuseRemote"), got)
	}
}

func TestRefusalOfThisMachineSaysHowToReachIt(t *testing.T) {
	t.Parallel()
	ctx := scope.Set(t.Context(), httpx.Unrouted, httpx.Refuse)
	assert.Contains(t, get(ctx, wrapped(t), "http://127.0.0.1:1/"), "use its srv.Client(), add a route to it, or bind httpx.Unrouted to httpx.RefuseRemote")
}

func TestRefusalNamesARouteForANearHost(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), httpx.Unrouted.Bind(httpx.Refuse),
		httpx.Route("api.weather.example", "http://127.0.0.1:1"),
		httpx.Route("*.cdn.example:8443", "http://127.0.0.1:2"),
		httpx.Route("10.0.0.1", "http://127.0.0.1:3"),
		httpx.Route("db", "http://127.0.0.1:4"))
	for host, meant := range map[string]string{
		"api.weather.example.com":     "api.weather.example",
		"www.api.weather.example":     "api.weather.example",
		"api.wether.example":          "api.weather.example",
		"API.Weahter.example":         "api.weather.example",
		"weather.example":             "api.weather.example",
		"cdn.example":                 "*.cdn.example:8443",
		"a.cdn.example:8080":          "*.cdn.example:8443",
		"10.0.0.2":                    "",
		"d":                           "",
		"api.payments.example":        "",
		"notapi.weather.examples.org": "",
	} {
		got := get(ctx, wrapped(t), "http://"+host+"/")
		if meant == "" {
			assert.NotContains(t, got, "did you mean", host)
		} else {
			assert.Contains(t, got, "; did you mean "+meant+", which has a route?", host)
		}
	}
}

// A context is a snapshot, and what is bound later is not in it.
func TestRefusalSaysThatTheContextIsOlderThanTheRoute(t *testing.T) {
	t.Parallel()
	older := scope.Set(t.Context(), httpx.Unrouted, httpx.Refuse)
	newer := scope.With(older, httpx.Route("api.test", "http://127.0.0.1:1"))
	scope.Run(newer, func(context.Context) {
		assert.Contains(t, get(older, wrapped(t), "http://api.test/"), "the goroutine's scope has a route for it, but the request's context is older")
		assert.NotContains(t, get(older, wrapped(t), "http://other.test/"), "from before")
	})
}

func TestUnknownPolicyRefuses(t *testing.T) {
	t.Parallel()
	assert.Contains(t, get(scope.Set(t.Context(), httpx.Unrouted, httpx.Policy(7)), wrapped(t), "https://api.test/"), "Policy(7)")
}

func TestPolicyPrints(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "Allow Refuse RefuseRemote Policy(-1)", httpx.Allow.String()+" "+httpx.Refuse.String()+" "+httpx.RefuseRemote.String()+" "+httpx.Policy(-1).String())
	assert.Zero(t, httpx.Allow)
}
