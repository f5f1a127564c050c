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

// Token returns a string that stands for ctx's scope in this process, for as
// long as the scope lasts: 128 random bits, the same at each call for a scope.
// A request that carries it joins that scope in a handler made with [Adopt]. The
// token of a test's scope stands for all that the test sets, before and after. A
// scope that has a token is kept until the lifetime around it ends, since the
// token may be anywhere. Token may be called from any goroutine.
//
// Token panics where no scope with a lifetime is around, since nothing would
// ever take the token back: make one with scope.New or scopetest.With.
func Token(ctx context.Context) string {
	if scope.Name(ctx) == "" {
		panic("httpx: Token of a context without a scope that ends: make one with scope.New or scopetest.With")
	}
	return scopesTokens.Get(ctx).token(ctx, engine.Identity(ctx))
}

// SendToken says whether a scope's requests to this machine carry its [Token],
// in the header Scope-Token, so that they join the scope in a server made with
// [Adopt]. They are those to localhost or a loopback address that no route
// takes, or that are at a route's target already, and that [Unrouted] lets
// through: all of them with [RefuseRemote], and with [Refuse] those to a server
// that a route from its own host leads to. A Scope-Token that a request has
// already is left as it is. A scope without a lifetime has no token to send.
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

// withToken returns req as sendUnrouted sends it: itself, or a shallow copy that
// carries the token of ctx's scope. The caller's request never has it, so that
// a redirect to another host does not take it along.
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

// isLoopback says whether u is on this machine, by what stands in it: a loopback
// address, or localhost and the names below it (RFC 6761 section 6.3). No name is
// looked up, since what it stands for is for others to say.
func isLoopback(u *url.URL) bool {
	host := address.Canonical(u.Hostname())
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}

var errNoToken = errors.New("names no scope that is alive in this process: " +
	"its test, request or job is over, or another process made it; httpx.Token makes a new one")

// redeem returns the scope that a token stands for, as a context that has
// nothing else.
func redeem(token string) (context.Context, error) {
	if ctx, ok := redeemable.Load(token); ok && scope.Err(ctx.(context.Context)) == nil {
		return ctx.(context.Context), nil
	}
	return nil, errNoToken
}

// redeemable has every token of this process whose scope lives.
var redeemable sync.Map // string → context.Context

// scopesTokens has, for each lifetime, the tokens of the scopes that end with it.
var scopesTokens = scope.NewResource(
	func() *tokens { return &tokens{of: map[any]string{}} },
	(*tokens).revoke,
)

type tokens struct {
	mu sync.Mutex
	of map[any]string // by the scope's identity; nil once they are revoked
}

// token returns the token of the scope that decides for ctx and has an identity.
// For one that has ended it is a new token, as dead as the scope.
func (s *tokens) token(ctx context.Context, id any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.of[id]; ok {
		return t
	}
	t := newToken()
	// Of an ended scope, s is what belongs to one around it, or has been revoked.
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
	rand.Read(b[:]) // which never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
