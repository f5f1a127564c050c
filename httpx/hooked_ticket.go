package httpx

import (
	"context"
	"runtime"
	"sync"
	"weak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/carrier"
	"github.com/scopetree/scope/internal/inside"
)

// ticketOf returns what stands for ctx's scope on the way to the proxy: its
// token, or one like it for a scope without a lifetime, and for none.
func ticketOf(ctx context.Context) string {
	if scope.Name(ctx) != "" {
		return Token(ctx)
	}
	tag, ok := inside.Identity(ctx).(*carrier.Tag)
	if !ok {
		return unscoped()
	}
	return lasting.ticket(tag, ctx)
}

// scopeOf returns a context that has the scope of a ticket, and nothing else.
func scopeOf(ticket string) (context.Context, error) {
	if ticket == unscoped() {
		return scope.Detach(context.Background()), nil
	}
	if ctx, ok := lasting.scope(ticket); ok {
		return ctx, nil
	}
	return redeem(ticket)
}

// unscoped is the ticket of requests without a scope. It is a secret as others
// are: who can connect to the proxy and knows it has requests sent.
var unscoped = sync.OnceValue(newToken)

// lasting has the tickets of scopes without a lifetime. Nothing says when such
// a scope is over, so it knows them weakly: a ticket goes when no context and
// no goroutine has the scope any more.
var lasting lastingScopes

type lastingScopes struct {
	mu      sync.Mutex
	tickets map[weak.Pointer[carrier.Tag]]string
	scopes  map[string]context.Context
}

func (l *lastingScopes) ticket(tag *carrier.Tag, ctx context.Context) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := weak.Make(tag)
	if t, ok := l.tickets[w]; ok {
		return t
	}
	if l.scopes == nil {
		l.tickets, l.scopes = map[weak.Pointer[carrier.Tag]]string{}, map[string]context.Context{}
	}
	t := newToken()
	l.tickets[w] = t
	// A scope that is equal, not the same: it must not keep the tag.
	l.scopes[t] = scope.With(inside.Carry(context.Background(), ctx))
	runtime.AddCleanup(tag, l.forget, w)
	return t
}

func (l *lastingScopes) forget(w weak.Pointer[carrier.Tag]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.scopes, l.tickets[w])
	delete(l.tickets, w)
}

func (l *lastingScopes) scope(ticket string) (context.Context, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, ok := l.scopes[ticket]
	return ctx, ok
}
