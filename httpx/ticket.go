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

// ticketOf returns the ticket that stands for ctx's scope on the way to the proxy. It
// is like a token, but is valid only while a context or a goroutine has the scope. A
// scope that nothing refers to sends no more requests. If the scope has SendToken
// set, the ticket is the token itself: the proxy adds the token to the request, so it
// must get the same one.
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

// scopeOf returns a context that carries the ticket's scope and nothing else.
func scopeOf(ticket string) (context.Context, error) {
	if ticket == unscoped() {
		return scope.Detach(context.Background()), nil
	}
	if ctx, ok := ticketed.Load(ticket); ok && scope.Err(ctx.(context.Context)) == nil {
		return ctx.(context.Context), nil
	}
	return redeem(ticket)
}

// unscoped is the ticket of requests without a scope. It is as secret as the others:
// anyone who knows it and can connect to the proxy can send requests.
var unscoped = sync.OnceValue(newToken)

// ticketed holds every valid ticket.
var ticketed sync.Map // string → context.Context

// scopesTickets holds, for each scope that ends, the tickets of the scopes that end
// with it, and for the process the tickets of the scopes that never end.
var scopesTickets = scope.NewResource(
	func() *tickets { return &tickets{of: map[weak.Pointer[carrier.Tag]]string{}} },
	(*tickets).revoke,
)

type tickets struct {
	mu sync.Mutex
	of map[weak.Pointer[carrier.Tag]]string // nil once the tickets are revoked
}

// ticket returns the ticket of the scope that decides for ctx, whose tag is tag.
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
		// Store an equal scope, not the same one, which would keep the tag alive.
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
