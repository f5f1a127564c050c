package httpx

import (
	"context"
	"net/http"
	"net/url"

	"github.com/scopetree/scope/httpx/internal/address"
)

// Rewrite returns the URL of a request at a target.
func Rewrite(u *url.URL, target string) (*url.URL, error) {
	t, err := address.ParseTarget(target)
	if err != nil {
		return nil, err
	}
	out := new(url.URL)
	if err := address.Rewrite(out, u, t); err != nil {
		return nil, err
	}
	return out, nil
}

// Takes reports whether a host pattern takes requests for a URL.
func Takes(host string, u *url.URL) (bool, error) {
	p, err := address.ParsePattern(host)
	if err != nil {
		return false, err
	}
	return p.Takes(address.OriginOf(u)), nil
}

// WithToken returns the form in which a request of ctx's scope is sent if no route takes
// it.
func WithToken(ctx context.Context, req *http.Request) *http.Request {
	if _, tokens, _ := decide(ctx, req); tokens {
		return withToken(ctx, req)
	}
	return req
}

// Redeemable reports whether a token is still kept.
func Redeemable(token string) bool {
	_, ok := redeemable.Load(token)
	return ok
}
