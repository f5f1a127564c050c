package scope

import (
	"context"

	"github.com/scopetree/scope/internal/engine"
)

// ErrEnded says that a scope has ended: the test, request or job that it
// belongs to is over. [Err] wraps it with the scope's name.
var ErrEnded = engine.ErrEnded

// New returns ctx with a scope of its own that has a name and a lifetime: all
// that the current scope binds is bound in it, and it lasts until end is
// called. Its name, after those of the scopes around it, shows in [Explain],
// in errors, and in profiles as the label "scope".
//
// An ended scope is absent, never stale. Code that still runs in it reads what
// its nearest live ancestor binds, or defaults, and [Err] tells it so. The
// scopes below it end with it. What it held can be collected, whatever
// goroutines still carry it; a context that somebody keeps still holds its
// values.
//
// end may be called from any goroutine, and again, to no effect. It does not
// cancel the context.
func New(ctx context.Context, name string) (_ context.Context, end func()) {
	return engine.New(ctx, name)
}

// Err returns nil while the scope that decides for ctx is alive, or where
// there is none. After its end it returns an error that wraps [ErrEnded]:
// scope "TestCheckout" has ended.
func Err(ctx context.Context) error { return engine.Err(ctx) }

// Name returns the name of the scope that decides for ctx, after those of the
// scopes around it: TestCheckout/card/worker. It is "" where no scope around
// has a name.
func Name(ctx context.Context) string { return engine.Name(ctx) }

// A Resource is something that each scope with a lifetime has one of, such as
// a connection pool or a directory: opened at its first use there, closed when
// that scope ends. A test within a test that binds something has a lifetime, and
// so a resource, of its own. Where there is no lifetime, the process has one,
// which is never closed. Use [NewResource] to make one. Its methods may be
// called from any goroutine.
type Resource[T any] struct{ r *engine.Resource[T] }

// NewResource returns a resource that open makes and close disposes of. Each
// is called once per scope. open runs on the goroutine of the first Get, in
// whatever scope that goroutine is bound to. close may be nil.
func NewResource[T any](open func() T, close func(T)) *Resource[T] {
	check("NewResource", open != nil)
	return &Resource[T]{engine.NewResource(open, close)}
}

// Get returns the one that belongs to the nearest live scope with a lifetime.
func (r *Resource[T]) Get(ctx context.Context) T { return r.r.Get(ctx) }
