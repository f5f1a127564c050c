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

// Route returns a binding that sends the scope's log records to h. A nil h panics.
//
// The context that h is called with carries the scope, as the caller's context does. If h
// itself logs with that context, or passes the record on to a [Handler], then that record
// is not routed again.
//
// h can decline a record. If its Handle returns an error that is [scope.ErrEnded], the
// record goes where it would go without any route, also if an outer scope has one.
func Route(h slog.Handler) scope.Binding {
	if h == nil {
		panic("logx: Route of a nil handler")
	}
	anyRoute.Store(true)
	return routed.Bind(&route{handler: h})
}

var routed = scope.NewKey[*route]("logx.route", nil)

// anyRoute is true once Route was called. Before that, a record costs nothing more. This
// matters under the gls carrier, which takes microseconds to find a scope.
var anyRoute atomic.Bool

// A route is a handler in some scope, with the handlers that are derived from it for
// loggers with attributes or groups.
//
// The derived handlers belong to the route. So a logger that lives as long as the process
// keeps no scope's handler alive. The route has weak pointers to the loggers, so it keeps
// no logger alive either.
type route struct {
	handler slog.Handler
	derived sync.Map     // weak.Pointer[handler] → slog.Handler
	count   atomic.Int64 // approximate number of entries in derived
	full    atomic.Int64 // the count at which the entries of dead loggers are removed
}

// String returns the type of the handler. Printing the handler itself would be a data
// race with goroutines that change it.
func (r *route) String() string { return fmt.Sprintf("%T", r.handler) }

// within is the key that marks the contexts with which routed handlers are called.
type within struct{}

// routeOf returns the route of the scope that decides for ctx. It returns nil if there is
// none, or if a routed handler asks.
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

// handle passes a logger's record to the routed handler. taken is false if the handler
// declined it.
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

// sweep removes the entries of loggers that were collected.
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
