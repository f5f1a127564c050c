package httpx_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/scopetree/scope/httpx"
)

// Whatever the URL of a request is, its rewritten form is for the target's host and no
// other. It ends with the request's path, with its escapes, and has the request's query.
// The request's own URL does not change.
func FuzzRewrite(f *testing.F) {
	for _, tt := range rewrites {
		f.Add(tt.url, "", tt.target)
	}
	for target := range malformedTargets {
		f.Add("https://api.test/x", "", target)
	}
	f.Add("https://api.test/x?y=1", "//api.test/a%2Fb", "http://h/base")
	f.Add("https://api.test/x?y=1", "//evil.test/a", "http://h/base")
	f.Fuzz(func(t *testing.T, rawURL, opaque, rawTarget string) {
		u, err := url.Parse(rawURL)
		if err != nil || u.Host == "" {
			return
		}
		if opaque != "" {
			u.Opaque = opaque
		}
		before := *u
		got, err := httpx.Rewrite(u, rawTarget)
		if *u != before {
			t.Errorf("the URL %q was changed to %q", before.String(), u.String())
		}
		if err != nil {
			return
		}
		target, err := url.Parse(rawTarget)
		if err != nil {
			t.Fatalf("target %q was taken: %v", rawTarget, err)
		}
		if got.Scheme != target.Scheme || got.Host != target.Host || got.Opaque != "" {
			t.Errorf("%q at %q: got %q, which is elsewhere", rawURL, rawTarget, got)
		}
		path := u.EscapedPath()
		if opaque != "" {
			path = strings.TrimPrefix(opaque, "//"+u.Host)
		}
		if !strings.HasSuffix(got.EscapedPath(), path) {
			t.Errorf("%q at %q: path %q does not end with %q", rawURL, rawTarget, got.EscapedPath(), path)
		}
		if !strings.HasPrefix(got.EscapedPath(), strings.TrimSuffix(target.EscapedPath(), "/")) {
			t.Errorf("%q at %q: path %q does not begin with the target's", rawURL, rawTarget, got.EscapedPath())
		}
		if got.RawQuery != u.RawQuery || got.ForceQuery != u.ForceQuery {
			t.Errorf("%q at %q: query %q, want %q", rawURL, rawTarget, got.RawQuery, u.RawQuery)
		}
		// The request line says the same as the URL. No part of the path became a host or
		// a query.
		sent, err := url.ParseRequestURI(got.RequestURI())
		if path != "*" && (err != nil || sent.EscapedPath() != nonEmpty(got.EscapedPath()) || sent.RawQuery != got.RawQuery || sent.Host != "") {
			t.Errorf("%q at %q: the request line has %q (%v)", rawURL, rawTarget, got.RequestURI(), err)
		}
	})
}

func nonEmpty(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
