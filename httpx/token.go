package httpx

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"sync"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/inside"
)

// Token returns a string that stands for ctx's scope in this process, for as
// long as the scope lasts: 128 random bits, the same at each call for a scope.
// A request that carries it joins that scope in a handler made with [Adopt].
// As everywhere, a scope does not change: what is set after goes with another
// token. It may be called from any goroutine.
//
// Token panics where no scope with a lifetime is around, since nothing would
// ever take the token back: make one with scope.New or scopetest.New.
func Token(ctx context.Context) string {
	if scope.Name(ctx) == "" {
		panic("httpx: Token of a context without a scope that ends: make one with scope.New or scopetest.New")
	}
	id := inside.Identity(ctx)
	if scope.Err(ctx) != nil {
		return newToken() // as dead as the scope
	}
	return scopesTokens.Get(ctx).token(id, ctx)
}

var errNoToken = errors.New("it names no scope of this process that lives: its test, request or job is over, or another process made it")

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

// token returns the token of the scope that has an identity, and that decides for ctx.
func (s *tokens) token(id any, ctx context.Context) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.of[id]; ok {
		return t
	}
	t := newToken()
	if s.of != nil {
		s.of[id] = t
		redeemable.Store(t, inside.Carry(context.Background(), ctx))
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
