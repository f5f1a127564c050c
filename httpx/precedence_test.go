package httpx_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// to returns a route that answers with a word, without a server.
func to(host, word string) scope.Binding { return httpx.RouteHandler(host, says(word)) }

// wordly is a transport that answers with the word in the URL's first label,
// which is how a target of a route shows here.
var wordly = roundTripper(func(req *http.Request) (*http.Response, error) {
	word, _, _ := strings.Cut(req.URL.Host, ".")
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(word))}, nil
})

func TestNearestScopeThenTheMostSpecificRouteWins(t *testing.T) {
	t.Parallel()
	base := func(word string) scope.Binding {
		if word == "" {
			return httpx.BaseURL.Bind("")
		}
		return httpx.BaseURL.Bind("http://" + word + ".base")
	}
	type scopes [][]scope.Binding // the outermost first
	for _, tt := range []struct {
		name   string
		scopes scopes
		want   string // the answer of http://api.example.com:8080, whose first label is api
	}{
		{"no route", scopes{}, "api"},
		{"another's route", scopes{{to("other.test", "other")}}, "api"},
		{"one", scopes{{to("api.example.com", "one")}}, "one"},
		{"later of two for the same host", scopes{{to("api.example.com", "one"), to("API.example.com.", "two")}}, "two"},
		{"host before wildcard", scopes{{to("api.example.com", "host"), to("*.example.com", "wildcard"), to("*", "all")}}, "host"},
		{"and in any order", scopes{{to("*", "all"), to("*.example.com", "wildcard"), to("api.example.com", "host")}}, "host"},
		{"wildcard before all", scopes{{to("*", "all"), to("*.example.com", "wildcard")}}, "wildcard"},
		{"longer wildcard", scopes{{to("*.com", "short"), to("*.example.com", "long")}}, "long"},
		{"port before none", scopes{{to("api.example.com", "any"), to("api.example.com:8080", "8080"), to("api.example.com:80", "80")}}, "8080"},
		{"wildcard's port", scopes{{to("*.example.com", "any"), to("*.example.com:8080", "8080")}}, "8080"},
		{"host without port before wildcard with", scopes{{to("*.example.com:8080", "wildcard"), to("api.example.com", "host")}}, "host"},
		{"all's port", scopes{{to("*", "any"), to("*:8080", "8080")}}, "8080"},
		{"route before the base URL", scopes{{base("base"), to("*", "all")}}, "all"},
		{"nearer wildcard before an outer host", scopes{{to("api.example.com", "outer")}, {to("*", "inner")}}, "inner"},
		{"nearer base URL before an outer route", scopes{{to("api.example.com", "outer")}, {base("inner")}}, "inner"},
		{"outer route where the nearer takes others", scopes{{to("*", "outer")}, {to("other.test", "inner")}}, "outer"},
		{"outer base URL where the nearer takes others", scopes{{base("outer")}, {to("other.test", "inner")}}, "outer"},
		{"nearer base URL before the outer", scopes{{base("outer")}, {base("inner")}}, "inner"},
		{"empty base URL hides the outer one", scopes{{base("outer")}, {base("")}}, "api"},
		{"empty base URL hides no outer routes", scopes{{to("*", "outer")}, {base("")}}, "outer"},
		{"base URL below an empty one", scopes{{base("outer")}, {base("")}, {base("inner")}}, "inner"},
		{"same host, nearer", scopes{{to("api.example.com", "outer")}, {to("api.example.com", "inner")}}, "inner"},
		{"three scopes", scopes{{to("api.example.com", "1")}, {to("*.example.com", "2")}, {to("other.test", "3")}}, "2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			for _, b := range tt.scopes {
				ctx = scope.With(ctx, b...)
			}
			client := &http.Client{Transport: httpx.Wrap(wordly)}
			assert.Equal(t, tt.want, get(ctx, client, "http://api.example.com:8080/"))
		})
	}
}

func TestTheContextsScopeIsUsedWholeBeforeTheGoroutines(t *testing.T) {
	t.Parallel()
	inScope(t, func(context.Context) {
		client := &http.Client{Transport: httpx.Wrap(wordly)}
		empty := scope.Detach(context.Background())
		assert.Equal(t, "goroutine", get(context.Background(), client, "http://api.test/"))
		assert.Equal(t, "api", get(empty, client, "http://api.test/"))
		assert.Equal(t, "context", get(scope.With(empty, to("*", "context")), client, "http://api.test/"))
		assert.Equal(t, "api", get(scope.With(empty, to("other.test", "context")), client, "http://api.test/"), "not merged")
		assert.Equal(t, "goroutine", get(scope.With(context.Background(), to("other.test", "context")), client, "http://api.test/"),
			"what is set on a context without a scope starts from the goroutine's")
	}, to("*", "goroutine"))
}

func TestRoutesLeaveRequestsAloneThatPackageHTTPRejects(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	for url, want := range map[string]string{
		"api.test/users": `unsupported protocol scheme ""`,
		"/users":         `unsupported protocol scheme ""`,
		"ftp://api.test": `unsupported protocol scheme "ftp"`,
		"http:///users":  `http: no Host in request URL`,
	} {
		for _, b := range []scope.Binding{{}, httpx.BaseURL.Bind(fake.URL), httpx.Route("*", fake.URL), to("*", "handler")} {
			assert.Equal(t, `Get "`+url+`": `+want, get(scope.With(t.Context(), b), wrapped(t), url))
		}
	}
}

// Serial: the default is the whole process's.
func TestBaseURLsDefaultIsTheLastResort(t *testing.T) {
	restore := httpx.BaseURL.SetDefault("http://default.base")
	defer restore()
	client := &http.Client{Transport: httpx.Wrap(wordly)}
	for want, b := range map[string][]scope.Binding{
		"default": nil,
		"route":   {to("api.test", "route")},
		"bound":   {httpx.BaseURL.Bind("http://bound.base")},
		"api":     {httpx.BaseURL.Bind("")},
	} {
		assert.Equal(t, want, get(scope.With(t.Context(), b...), client, "http://api.test/"))
	}
	assert.Equal(t, "default", get(scope.With(t.Context(), to("other.test", "route"), httpx.Unrouted.Bind(httpx.Refuse)), client, "http://api.test/"))
	assert.Equal(t, "default", get(t.Context(), client, "http://default.base/x"), "at the target already")

	httpx.BaseURL.SetDefault("http://second.base")
	assert.Equal(t, "second", get(t.Context(), client, "http://api.test/"))
}

func TestMalformedDefaultBaseURLIsAnErrorThatNamesIt(t *testing.T) {
	restore := httpx.BaseURL.SetDefault("localhost:80")
	defer restore()
	real := serve(t, says("real"))
	_, err := wrapped(t).Get(real.URL)
	require.Error(t, err)
	assert.ErrorContains(t, err, `httpx.base_url: target "localhost:80": missing scheme`)
	assert.Zero(t, real.conns.Load())
}
