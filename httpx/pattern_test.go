package httpx_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

func TestHostPatternTakes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern    string
		takes, not []string
	}{
		{"api.test", []string{"http://api.test", "https://api.test/x", "http://api.test:8080", "http://API.Test", "http://api.test."},
			[]string{"http://test", "http://x.api.test", "http://api.test.evil", "http://xapi.test"}},
		{"API.Test.", []string{"http://api.test", "http://API.TEST."}, nil},
		{"api.test:8080", []string{"http://api.test:8080", "https://api.test.:8080"},
			[]string{"http://api.test", "http://api.test:80", "http://api.test:80800"}},
		{"api.test:80", []string{"http://api.test", "http://api.test:80", "https://api.test:80"}, []string{"https://api.test"}},
		{"api.test:443", []string{"https://api.test", "http://api.test:443"}, []string{"http://api.test"}},
		{"*.test", []string{"http://api.test", "http://a.b.test", "http://A.TEST.", "http://api.test:8080"},
			[]string{"http://test", "http://.test", "http://apitest", "http://api.test.evil"}},
		{"*.test:8080", []string{"http://api.test:8080"}, []string{"http://api.test"}},
		{"*", []string{"http://api.test", down, "http://[::1]"}, nil},
		{"*:8080", []string{"http://api.test:8080", "http://[::1]:8080"}, []string{"http://api.test"}},
		{"127.0.0.1", []string{"http://127.0.0.1", "http://127.0.0.1:99"}, []string{"http://127.0.0.11"}},
		{"[::1]", []string{"http://[::1]", "https://[::1]:8080"}, []string{"http://[::2]"}},
		{"[::1]:8080", []string{"http://[::1]:8080"}, []string{"http://[::1]"}},
		{"[2001:DB8::a]", []string{"http://[2001:db8::A]"}, nil},
		{"api.test:", []string{"http://api.test", "http://api.test:8080"}, nil},
		{"bücher.test", []string{"http://bücher.test", "http://BÜCHER.test"}, nil},
		{"_a-b.test", []string{"http://_a-b.test"}, nil},
	} {
		check := func(raw string, want bool) {
			u, err := url.Parse(raw)
			require.NoError(t, err)
			got, err := httpx.Takes(tt.pattern, u)
			require.NoError(t, err, tt.pattern)
			assert.Equal(t, want, got, "%q takes %s", tt.pattern, raw)
		}
		for _, raw := range tt.takes {
			check(raw, true)
		}
		for _, raw := range tt.not {
			check(raw, false)
		}
	}
}

// malformedHosts has texts that can't be a route's host, with the errors.
var malformedHosts = map[string]string{
	"":                     `empty host: use "*" for all hosts`,
	"http://api.test":      `want a host, such as "api.example.com", not a URL`,
	"api.test/":            `want a host, such as "api.example.com", not a URL`,
	"user@api.test":        `want a host, such as "api.example.com", not a URL`,
	"api.test?x":           `want a host, such as "api.example.com", not a URL`,
	"api.test#x":           `want a host, such as "api.example.com", not a URL`,
	" api.test":            `want a host, such as "api.example.com", not a URL`,
	"api test":             `want a host, such as "api.example.com", not a URL`,
	"api.test\n":           `want a host, such as "api.example.com", not a URL`,
	"http:api.test":        `bad host: `,
	":80":                  `empty host before the port`,
	".":                    `empty host`,
	"api.test:http":        `bad host: `,
	"api.test:99999":       `port "99999" is not in 0 to 65535`,
	"a*b":                  `"*" must stand alone, or in place of the first labels, as in "*.example.com"`,
	"a*":                   `"*" must stand alone, or in place of the first labels, as in "*.example.com"`,
	"*a.test":              `"*" must stand alone, or in place of the first labels, as in "*.example.com"`,
	"**":                   `"*" must stand alone, or in place of the first labels, as in "*.example.com"`,
	"*.*.test":             `"*" must stand alone, or in place of the first labels, as in "*.example.com"`,
	"api.*.test":           `"*" must stand alone, or in place of the first labels, as in "*.example.com"`,
	"::1":                  ``, // its words are net/url's as of Go 1.26, and ours before
	"2001:db8::1":          ``,
	"[::1":                 `bad host: `,
	"a%zz":                 `bad host: `,
	"api.test:80:81":       ``,
	"api.test, other.test": `not a URL`,
}

func TestMalformedHostIsAnErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	for host, want := range malformedHosts {
		_, err := httpx.Takes(host, new(url.URL))
		require.Error(t, err, "host %q", host)
		assert.ErrorContains(t, err, want, "host %q", host)

		ctx := scope.With(t.Context(), httpx.Route(host, down))
		got := get(ctx, wrapped(t), "http://api.test/")
		assert.Contains(t, got, "httpx: GET http://api.test/: route "+quote(host)+": ", "host %q", host)
	}
}
