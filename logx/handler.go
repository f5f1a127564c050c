package logx

import (
	"context"
	"log/slog"
	"slices"
)

// Handler returns a handler that asks the scope at each record: the record goes
// to the handler that [Route] bound there, or else to next. The result may be
// used by many goroutines at once, if next may. A nil next is a programmer's
// error, and panics.
func Handler(next slog.Handler) slog.Handler {
	if next == nil {
		panic("logx: Handler of a nil handler")
	}
	return &handler{next: next}
}

// A handler is next with whatever attributes and groups were added since. The
// first has no outer one. Each other adds a group, or else attributes.
type handler struct {
	next  slog.Handler // with the attributes and groups
	outer *handler
	group string
	attrs []slog.Attr
}

// Enabled asks the handler that a record would go to.
func (h *handler) Enabled(ctx context.Context, l slog.Level) bool {
	if r := routeOf(ctx); r != nil {
		return r.enabled(ctx, h, l)
	}
	return h.next.Enabled(ctx, l)
}

// Handle passes the record on as it is.
func (h *handler) Handle(ctx context.Context, rec slog.Record) error {
	if r := routeOf(ctx); r != nil {
		if taken, err := r.handle(ctx, h, rec); taken || !h.next.Enabled(ctx, rec.Level) {
			return err
		}
	}
	return h.next.Handle(ctx, rec)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return h.with(&handler{outer: h, attrs: attrs})
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(&handler{outer: h, group: name})
}

func (h *handler) with(inner *handler) slog.Handler {
	inner.next = inner.derive(h.next)
	return inner
}

// derive adds to a handler what h adds to the one outside.
func (h *handler) derive(to slog.Handler) slog.Handler {
	if h.group != "" {
		return to.WithGroup(h.group)
	}
	return to.WithAttrs(slices.Clone(h.attrs)) // a handler may change what it is given
}
