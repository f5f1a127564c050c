package httpx_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

func quote(s string) string { return fmt.Sprintf("%q", s) }

// rewrites has URLs of requests, targets, and the resulting URLs. FuzzRewrite starts with
// them.
var rewrites = []struct{ target, url, want string }{
	{"http://127.0.0.1:1234", "https://api.test", "http://127.0.0.1:1234"},
	{"http://127.0.0.1:1234", "https://api.test/", "http://127.0.0.1:1234/"},
	{"http://127.0.0.1:1234/", "https://api.test", "http://127.0.0.1:1234/"},
	{"http://127.0.0.1:1234/", "https://api.test/", "http://127.0.0.1:1234/"},
	{"http://127.0.0.1:1234/v3", "https://api.test/users/a%2Fb?x=1", "http://127.0.0.1:1234/v3/users/a%2Fb?x=1"},
	{"http://h/base", "https://api.test", "http://h/base"},
	{"http://h/base", "https://api.test?x=1", "http://h/base?x=1"},
	{"http://h/base", "https://api.test/", "http://h/base/"},
	{"http://h/base/", "https://api.test", "http://h/base/"},
	{"http://h/base/", "https://api.test/x", "http://h/base/x"},
	{"http://h/base/", "https://api.test/x/", "http://h/base/x/"},
	{"http://h/base", "https://api.test//a//b/", "http://h/base//a//b/"},
	{"http://h/base/", "https://api.test//a", "http://h/base//a"},
	{"http://h//base//", "https://api.test/a", "http://h//base//a"},
	{"http://h/base", "https://api.test/a/../b", "http://h/base/a/../b"},
	{"http://h/base", "https://api.test/..", "http://h/base/.."},
	{"http://h/base", "https://api.test/./a/.", "http://h/base/./a/."},
	{"http://h/base", "https://api.test/%2F", "http://h/base/%2F"},
	{"http://h/base", "https://api.test/%2e%2e/%2E", "http://h/base/%2e%2e/%2E"},
	{"http://h/base%2F", "https://api.test/x", "http://h/base%2F/x"},
	{"http://h/a%2Fb", "https://api.test", "http://h/a%2Fb"},
	{"http://h/a%2Fb", "https://api.test/c%2Fd/e%20f", "http://h/a%2Fb/c%2Fd/e%20f"},
	{"http://h/a%20b", "https://api.test/ü%C3%BC", "http://h/a%20b/%C3%BC%C3%BC"},
	{"http://h/base", "https://api.test/a;b=1,2:3@4", "http://h/base/a;b=1,2:3@4"},
	{"http://h/@scope/pkg", "https://api.test/x", "http://h/@scope/pkg/x"},
	{"http://h", "https://api.test/?", "http://h/?"},
	{"http://h", "https://api.test/?a=%2F&b=+&c", "http://h/?a=%2F&b=+&c"},
	{"http://h", "https://api.test/?q=%zz;&&", "http://h/?q=%zz;&&"},
	{"http://h", "https://api.test/?u=http://api.test/", "http://h/?u=http://api.test/"},
	{"http://h", "https://user:pw@api.test/x#frag%2F", "http://user:pw@h/x#frag%2F"},
	{"https://[::1]:8443/v3", "http://api.test:8080/x", "https://[::1]:8443/v3/x"},
	{"HTTP://Host.Test", "https://api.test/x", "http://Host.Test/x"},
	{"http://h", "https://api.test/http://other.test/", "http://h/http://other.test/"},
	{"http://h", "https://api.test//other.test/x", "http://h//other.test/x"},
}

func TestRewriteKeepsPathEscapesAndQuery(t *testing.T) {
	t.Parallel()
	for _, tt := range rewrites {
		u, err := url.Parse(tt.url)
		require.NoError(t, err)
		got, err := httpx.Rewrite(u, tt.target)
		require.NoError(t, err)
		assert.Equal(t, tt.want, got.String(), "%s at %s", tt.url, tt.target)
	}
}

func TestRewriteOfAnOpaqueURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ opaque, want string }{
		{"//api.test/a%2Fb", "http://h/base/a%2Fb?x=1"},
		{"//api.test", "http://h/base?x=1"},
		{"//api.test/", "http://h/base/?x=1"},
		{"//api.test/a%3Fb", "http://h/base/a%3Fb?x=1"},
		{"//other.test/a", ""},
		{"//api.test.evil/a", ""},
		{"//api.test:80/a", ""},
		{"/a", ""},
		{"a", ""},
		{"*", ""},
		{"//api.test/a?b", ""},
		{"//api.test/a#b", ""},
		{"//api.test/%zz", ""},
		{"//api.test/a b", ""},
		{"http://api.test/a", ""},
	} {
		u := &url.URL{Scheme: "https", Host: "api.test", Opaque: tt.opaque, RawQuery: "x=1"}
		got, err := httpx.Rewrite(u, "http://h/base")
		if tt.want == "" {
			assert.EqualError(t, err, "opaque URL "+quote(tt.opaque)+" can't be routed")
			continue
		}
		require.NoError(t, err, tt.opaque)
		assert.Equal(t, tt.want, got.String(), tt.opaque)
		assert.Empty(t, got.Opaque)
		assert.Equal(t, tt.opaque, u.Opaque, "the request's URL")
	}
}

func TestRouteSendsAnOpaqueURLsPath(t *testing.T) {
	t.Parallel()
	fake := serve(t, tellPath)
	ctx := scope.With(t.Context(), httpx.Route("api.test", fake.URL+"/v3"))
	req := request(t, ctx, http.MethodGet, "http://api.test/", nil)
	req.URL.Opaque = "//api.test/a%2Fb"
	assert.Equal(t, "/v3/a%2Fb", text(wrapped(t).Do(req)))
}

func tellPath(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RequestURI) }

// A server-wide OPTIONS has no path to join.
func TestRouteSendsAServerWideOPTIONS(t *testing.T) {
	t.Parallel()
	u := &url.URL{Scheme: "http", Host: "api.test", Path: "*"}
	got, err := httpx.Rewrite(u, "http://127.0.0.1:1")
	require.NoError(t, err)
	assert.Equal(t, "*", got.RequestURI())
}

func TestRewriteOfAPathWithoutASlash(t *testing.T) {
	t.Parallel()
	u := &url.URL{Scheme: "http", Host: "api.test", Path: "users"}
	got, err := httpx.Rewrite(u, "http://h/v3")
	require.NoError(t, err)
	assert.Equal(t, "http://h/v3/users", got.String())
}

// malformedTargets has texts that can't be a route's target, with the errors.
var malformedTargets = map[string]string{
	"":                             `target "": missing scheme`,
	"localhost:80":                 `target "localhost:80": missing scheme`,
	"127.0.0.1":                    `target "127.0.0.1": missing scheme`,
	"//h":                          `target "//h": missing scheme`,
	"/base":                        `target "/base": missing scheme`,
	"mailto:a":                     `target "mailto:a": missing scheme`,
	"ftp://h":                      `target "ftp://h": scheme "ftp" is not http or https`,
	"unix:///run/x.sock":           `target "unix:///run/x.sock": scheme "unix" is not http or https`,
	"://h":                         `target "://h": missing protocol scheme`,
	"http://":                      `target "http://": missing host`,
	"http:///base":                 `target "http:///base": missing host`,
	"http://:80":                   `target "http://:80": missing host`,
	"http://h?x=1":                 `target "http://h?x=1": has a query`,
	"http://h?":                    `target "http://h?": has a query`,
	"http://h/#f":                  `target "http://h/#f": has a fragment`,
	"http://h/#":                   `target "http://h/#": has a fragment`,
	"http://h:port":                `target "http://h:port": invalid port ":port" after host`,
	"http://h:99999":               `target "http://h:99999": port "99999" is not in 0 to 65535`,
	"http://h/%zz":                 `target "http://h/%zz": invalid URL escape "%zz"`,
	"http://h\n":                   `target "http://h\n": net/url: invalid control character in URL`,
	"http://a b":                   `target "http://a b": invalid character " " in host name`,
	"http://[::1":                  `target "http://[::1": `,
	"http://user@h":                `target "http://xxxxx@h": has a user name: send credentials in a header`,
	"http://user:s3cret@h":         `target "http://xxxxx@h": has a user name: send credentials in a header`,
	"http://user:s3cret@h/%zz":     `target "http://xxxxx@h/%zz": malformed`,
	"http://user:s3cret/x@h":       `target "http://xxxxx@h": malformed`,
	"http://user:s3cret@s3cret@h":  `target "http://xxxxx@h": has a user name: send credentials in a header`,
	"http://user:%s3cret@h":        `target "http://xxxxx@h": malformed`,
	"user:s3cret@h":                `target "xxxxx@h": missing scheme`,
	"ftp://user:s3cret@h":          `target "ftp://xxxxx@h": scheme "ftp" is not http or https`,
	"http://user:s3cret@h?x=1#y":   `target "http://xxxxx@h?x=1#y": has a user name: send credentials in a header`,
	"http://user:s3cret@h:port/":   `target "http://xxxxx@h:port/": malformed`,
	"http://user:s3cret@":          `target "http://xxxxx@": missing host`,
	"http://us3cret:s3cret word@h": `target "http://xxxxx@h": malformed`,
}

func TestMalformedTargetIsAnErrorThatNamesItAndNothingIsSent(t *testing.T) {
	t.Parallel()
	real := serve(t, says("real"))
	client := wrapped(t)
	for target, want := range malformedTargets {
		route, base := httpx.Route("other.test", target), httpx.BaseURL.Bind(target)
		got := get(scope.With(t.Context(), route), client, real.URL)
		assert.Contains(t, got, `httpx: GET `+real.URL+`: route "other.test": `+want)
		assert.NotContains(t, got, "s3cret")
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", route, route, route), "s3cret")
		if target != "" { // an empty base URL is none
			assert.Contains(t, get(scope.With(t.Context(), base), client, real.URL), "httpx.base_url: "+want)
		}
	}
	assert.Zero(t, real.conns.Load())
}

func TestOneMalformedRouteAnywhereStopsEveryRequest(t *testing.T) {
	t.Parallel()
	fake := serve(t, says("fake"))
	good, bad := httpx.Route("api.test", fake.URL), httpx.Route("", fake.URL)
	for name, ctx := range map[string]func() string{
		"before": func() string { return get(scope.With(t.Context(), bad, good), wrapped(t), "http://api.test/") },
		"after":  func() string { return get(scope.With(t.Context(), good, bad), wrapped(t), "http://api.test/") },
		"in an outer scope": func() string {
			return get(scope.With(scope.With(t.Context(), bad), good), wrapped(t), "http://api.test/")
		},
		"in an inner scope": func() string {
			return get(scope.With(scope.With(t.Context(), good), bad), wrapped(t), "http://api.test/")
		},
		"beside a base URL": func() string {
			return get(scope.With(t.Context(), bad, httpx.BaseURL.Bind(fake.URL)), wrapped(t), "http://api.test/")
		},
		"around a base URL": func() string {
			return get(scope.Set(scope.With(t.Context(), bad), httpx.BaseURL, fake.URL), wrapped(t), "http://api.test/")
		},
		"beside another bad": func() string {
			return get(scope.With(t.Context(), bad, httpx.Route("a*b", fake.URL), good), wrapped(t), "http://api.test/")
		},
		"at the target already": func() string { return get(scope.With(t.Context(), good, bad), wrapped(t), fake.URL) },
	} {
		assert.Regexp(t, `: route "(|a\*b)": `, ctx(), name)
	}
	assert.Zero(t, fake.conns.Load())
}

func TestNilHandlerOrTransportIsAnErrorThatSaysSo(t *testing.T) {
	t.Parallel()
	for want, b := range map[string]scope.Binding{
		`route "api.test": nil handler`:   httpx.RouteHandler("api.test", nil),
		`route "api.test": nil transport`: httpx.RouteTransport("api.test", nil),
	} {
		assert.Contains(t, get(scope.With(t.Context(), b), wrapped(t), "http://api.test/"), "httpx: GET http://api.test/: "+want)
	}
}
