package httpx

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/address"
	"github.com/scopetree/scope/internal/engine"
)

// tokenName names the header and the cookie that carry a token.
const tokenName = "Scope-Token"

// Token returns a string that stands for the scope that decides for ctx, in this process
// and as long as the scope lasts. It is 128 random bits, and the same at each call for a
// scope. A request that carries it joins the scope in a handler made with [Adopt]. There
// it sees everything that the test sets, before the call of Token and after. A scope with
// a token stays in memory until it, or the nearest scope around it that ends, has ended.
// For a scope that has ended, Token returns a string that Adopt refuses. Token may be
// called from any goroutine.
//
// Token panics if neither that scope nor one around it ends, because the token
// would be valid for ever. Make such a scope with scope.New or scopetest.With.
func Token(ctx context.Context) string {
	if scope.Name(ctx) == "" {
		panic("httpx: Token of a context without a scope that ends: make one with scope.New or scopetest.With")
	}
	return scopesTokens.Get(ctx).token(ctx, engine.Identity(ctx))
}

// SendToken says whether a scope's requests to this machine carry its [Token] in the
// header Scope-Token. A server whose handler [Adopt] made then serves them in the
// scope.
//
// The token is added to requests to localhost or a loopback address that no route takes,
// or that are at a route's target already. Under [Refuse], requests to other addresses of
// this machine fail. To reach your own server there, add Route(addr, "http://"+addr). A
// Scope-Token that a request already has is kept. In a scope that never ends, no token is
// sent.
var SendToken = scope.NewKey("httpx.send_token", false)

// sendUnrouted sends a request that no route takes, for a scope that has
// [SendToken] set.
func sendUnrouted(ctx context.Context, rt http.RoundTripper, req *http.Request) (*http.Response, error) {
	out := withToken(ctx, req)
	resp, err := send(rt, out, req)
	if resp != nil && out != req {
		resp.Request = req
	}
	return resp, err
}

// withToken returns the request that sendUnrouted sends: req, or a shallow copy with
// the token of ctx's scope. The caller's request never gets the token, so a redirect
// to another host does not carry it.
func withToken(ctx context.Context, req *http.Request) *http.Request {
	if !carriesToken(ctx, req) {
		return req
	}
	out := *req
	out.Header = make(http.Header, len(req.Header)+1)
	maps.Copy(out.Header, req.Header)
	out.Header.Set(tokenName, Token(ctx))
	return &out
}

// carriesToken says whether sendUnrouted adds a token to a request.
func carriesToken(ctx context.Context, req *http.Request) bool {
	for k := range req.Header {
		if http.CanonicalHeaderKey(k) == tokenName {
			return false
		}
	}
	return isLoopback(req.URL) && scope.Name(ctx) != ""
}

// isLoopback says whether u's host is a loopback address, localhost or a name below
// localhost (RFC 6761 section 6.3). It looks no name up, because a DNS server could
// answer anything.
func isLoopback(u *url.URL) bool {
	host := address.Canonical(u.Hostname())
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}

var errNoToken = errors.New("names no scope that is alive in this process: " +
	"its test, request or job is over, or another process made it; httpx.Token makes a new one")

// redeem returns a context that carries the token's scope and nothing else.
func redeem(token string) (context.Context, error) {
	if ctx, ok := redeemable.Load(token); ok && scope.Err(ctx.(context.Context)) == nil {
		return ctx.(context.Context), nil
	}
	return nil, errNoToken
}

// redeemable holds every token of this process whose scope is alive.
var redeemable sync.Map // string → context.Context

// scopesTokens holds, for each scope that ends, the tokens of the scopes that end
// with it.
var scopesTokens = scope.NewResource(
	func() *tokens { return &tokens{of: map[any]string{}} },
	(*tokens).revoke,
)

type tokens struct {
	mu sync.Mutex
	of map[any]string // by the scope's identity; nil once the tokens are revoked
}

// token returns the token of the scope that decides for ctx, whose identity is id.
// If that scope has ended, the token is new and never valid.
func (s *tokens) token(ctx context.Context, id any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.of[id]; ok {
		return t
	}
	t := newToken()
	// If the scope has ended, s belongs to a scope around it, or has been revoked.
	if s.of != nil && scope.Err(ctx) == nil {
		s.of[id] = t
		redeemable.Store(t, engine.Carry(context.Background(), ctx))
	}
	return t
}

func (s *tokens) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.of {
		redeemable.Delete(t)
	}
	s.of = nil
}

func newToken() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
