package httpx

import (
	"context"
	"runtime"
	"sync"
	"weak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/carrier"
	"github.com/scopetree/scope/internal/engine"
)

// ticketOf returns what stands for ctx's scope on the way to the proxy. It is like
// a token, but known only as long as a context or a goroutine has the scope: the
// requests of a scope that nobody has are over. Where the token itself is sent
// along, the ticket is that: the proxy, which adds it, must know the same.
func ticketOf(ctx context.Context) string {
	if scope.Name(ctx) != "" && scope.Get(ctx, SendToken) {
		return Token(ctx)
	}
	tag := engine.Identity(ctx)
	if tag == nil {
		return unscoped()
	}
	return scopesTickets.Get(ctx).ticket(tag, ctx)
}

// scopeOf returns a context that has the scope of a ticket, and nothing else.
func scopeOf(ticket string) (context.Context, error) {
	if ticket == unscoped() {
		return scope.Detach(context.Background()), nil
	}
	if ctx, ok := ticketed.Load(ticket); ok && scope.Err(ctx.(context.Context)) == nil {
		return ctx.(context.Context), nil
	}
	return redeem(ticket)
}

// unscoped is the ticket of requests without a scope. It is a secret as others
// are: who can connect to the proxy and knows it has requests sent.
var unscoped = sync.OnceValue(newToken)

// ticketed has every ticket that is known.
var ticketed sync.Map // string → context.Context

// scopesTickets has, for each lifetime, the tickets of the scopes that end with
// it, and for the process those of the scopes that never do.
var scopesTickets = scope.NewResource(
	func() *tickets { return &tickets{of: map[weak.Pointer[carrier.Tag]]string{}} },
	(*tickets).revoke,
)

type tickets struct {
	mu sync.Mutex
	of map[weak.Pointer[carrier.Tag]]string // nil once they are revoked
}

// ticket returns the ticket of the scope that decides for ctx and has a tag.
func (s *tickets) ticket(tag *carrier.Tag, ctx context.Context) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := weak.Make(tag)
	if t, ok := s.of[w]; ok {
		return t
	}
	t := newToken()
	if s.of != nil {
		s.of[w] = t
		// A scope that is equal, not the same: it must not keep the tag.
		ticketed.Store(t, scope.With(engine.Carry(context.Background(), ctx)))
		runtime.AddCleanup(tag, s.forget, w)
	}
	return t
}

func (s *tickets) forget(w weak.Pointer[carrier.Tag]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ticketed.Delete(s.of[w])
	delete(s.of, w)
}

func (s *tickets) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.of {
		ticketed.Delete(t)
	}
	s.of = nil
}
