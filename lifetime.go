package scope

import (
	"context"

	"github.com/scopetree/scope/internal/engine"
)

// ErrEnded means that a scope has ended: the test, request or job that it belongs
// to is over. [Err] wraps it with the scope's name.
var ErrEnded = engine.ErrEnded

// New returns ctx with a new scope that has a name, binds everything that the scope
// that decides for ctx binds, and lasts until end is called. New binds no goroutine: pass
// the context to [Run] or [Go]. The name is appended to those of the scopes around it, as
// in TestCheckout/card/worker. It shows in [Explain], in errors, and in profiles as the
// label "scope".
//
// An ended scope is absent, never stale. Code that still runs in it reads what the
// nearest live scope around it binds, or defaults, and gets [ErrEnded] from [Err].
// The scopes below end with it, and a scope that is made below it later has ended from
// the start. Its values can be garbage collected, even if goroutines still carry the
// scope. Only a context that is still in use keeps them.
//
// end may be called from any goroutine. It returns when the scope's resources are closed:
// see [NewResource]. Further calls have no effect, and return at once. end does not cancel
// the context. If it is never called, the scope ends with the nearest scope around it that
// does. Without one, nothing closes its resources.
func New(ctx context.Context, name string) (_ context.Context, end func()) {
	return engine.New(ctx, name)
}

// Err returns an error that wraps [ErrEnded] if the scope that decides for ctx has
// ended: scope "TestCheckout" has ended. If the scope is alive, or there is none,
// Err returns nil.
func Err(ctx context.Context) error { return engine.Err(ctx) }

// Name returns the name of the scope that decides for ctx, with the names of the
// scopes around it: TestCheckout/card/worker. It is "" if none of them has a name.
func Name(ctx context.Context) string { return engine.Name(ctx) }

// A Resource gives each scope with an end one thing of its own, such as a connection
// pool or a directory. The thing is opened at its first use in the scope, and
// closed when the scope ends. Every test or subtest that binds something has such a
// scope. Code in no such scope shares one thing for the whole process, which is never
// closed.
//
// Make a Resource with [NewResource]: the zero Resource can't be used. Its methods may be
// called from any goroutine.
type Resource[T any] struct{ r *engine.Resource[T] }

// NewResource returns a resource whose things open makes and close disposes of. close
// may be nil.
//
// The first Get in a scope calls open on the goroutine that called Get. Meanwhile
// that goroutine is bound to the scope that decides for Get's context. The process's
// thing is opened in no scope. Other callers of Get wait for it. So open may call Get
// of another resource, but not of its own. If open panics, or exits the goroutine,
// each waiting or later Get in the scope panics: open is not called again, and close
// not at all.
//
// The end of a scope calls close, on the goroutine that ends it. It waits for an open
// that is under way. The scope has ended by then, so close reads what the scopes
// around it bind. Things are closed in the reverse of the order in which their open
// returned, and those of scopes below before those of the scope itself. If close
// panics, the others are closed nevertheless, and the panic goes on.
func NewResource[T any](open func() T, close func(T)) *Resource[T] {
	check("NewResource", open != nil)
	return &Resource[T]{engine.NewResource(open, close)}
}

// Get returns the thing of the nearest live scope that has an end, starting with the one
// that decides for ctx.
func (r *Resource[T]) Get(ctx context.Context) T { return r.r.Get(ctx) }
