package logx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/scopetree/scope"
)

// Route returns a binding that sends the scope's log records to h. A nil h is
// a programmer's error, and panics.
//
// The context that h is called with carries the scope, as the caller's does. If
// h itself logs with that context, or passes the record on to a [Handler], then
// that record is not routed again.
//
// h can decline a record: if its Handle returns an error that is
// [scope.ErrEnded], the record goes where it goes without a route.
func Route(h slog.Handler) scope.Binding {
	if h == nil {
		panic("logx: Route of a nil handler")
	}
	anyRoute.Store(true)
	return routed.Bind(&route{handler: h})
}

var routed = scope.NewKey[*route]("logx.route", nil)

// anyRoute says whether Route was ever called: without it a record costs nothing
// more, under the gls carrier too, which takes microseconds to find a scope.
var anyRoute atomic.Bool

// A route is a handler in some scope, and the handlers derived from it for
// loggers that have attributes or groups.
//
// The derived ones belong to the route, so that a logger as long-lived as the
// process keeps no scope's handler alive. The route knows the loggers weakly,
// so that one for each request leaves nothing behind either.
type route struct {
	handler slog.Handler
	derived sync.Map     // weak.Pointer[handler] → slog.Handler
	count   atomic.Int64 // entries in derived, about
	full    atomic.Int64 // the count at which dead loggers' entries are taken out
}

// String returns the type of the handler. Printing the handler itself would
// read what other goroutines write.
func (r *route) String() string { return fmt.Sprintf("%T", r.handler) }

// within marks the contexts that routed handlers are called with.
type within struct{}

// routeOf returns the route of the scope that decides for ctx, nil if it has
// none, or if a routed handler is what asks.
func routeOf(ctx context.Context) *route {
	if !anyRoute.Load() {
		return nil
	}
	r := scope.Get(ctx, routed)
	if r != nil && ctx.Value(within{}) != nil {
		return nil
	}
	return r
}

// enabled asks the routed handler on behalf of a logger.
func (r *route) enabled(ctx context.Context, h *handler, l slog.Level) bool {
	return r.of(h).Enabled(context.WithValue(ctx, within{}, true), l)
}

// handle has the routed handler handle a logger's record. taken is false if
// the handler declined it.
func (r *route) handle(ctx context.Context, h *handler, rec slog.Record) (taken bool, err error) {
	err = r.of(h).Handle(context.WithValue(ctx, within{}, true), rec)
	if errors.Is(err, scope.ErrEnded) {
		return false, nil
	}
	return true, err
}

// of returns the routed handler with a logger's attributes and groups.
func (r *route) of(h *handler) slog.Handler {
	if h == nil || h.outer == nil {
		return r.handler
	}
	key := weak.Make(h)
	if made, ok := r.derived.Load(key); ok {
		return made.(slog.Handler)
	}
	made, known := r.derived.LoadOrStore(key, h.derive(r.of(h.outer)))
	if !known && r.count.Add(1) > max(r.full.Load(), 16) {
		r.sweep()
	}
	return made.(slog.Handler)
}

// sweep takes out what belongs to loggers that are gone.
func (r *route) sweep() {
	alive := int64(0)
	r.derived.Range(func(key, _ any) bool {
		if key.(weak.Pointer[handler]).Value() == nil {
			r.derived.Delete(key)
		} else {
			alive++
		}
		return true
	})
	r.count.Store(alive)
	r.full.Store(2 * alive)
}
