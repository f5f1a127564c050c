package logx

import (
	"context"
	"log/slog"
	"slices"
)

// Handler returns a handler that asks the scope of each record. The record goes to the
// handler that [Route] bound in that scope, or else to next. Many goroutines may use the
// result at once, if they may use next so. A nil next panics.
func Handler(next slog.Handler) slog.Handler {
	if next == nil {
		panic("logx: Handler of a nil handler")
	}
	return &handler{next: next}
}

// A handler is next with the attributes and groups that were added since. The first one
// has no outer handler. Each other one adds a group or attributes to its outer handler.
type handler struct {
	next  slog.Handler // has the attributes and groups
	outer *handler
	group string
	attrs []slog.Attr
}

// Enabled asks the handler to which a record would go.
func (h *handler) Enabled(ctx context.Context, l slog.Level) bool {
	if r := routeOf(ctx); r != nil {
		return r.enabled(ctx, h, l)
	}
	return h.next.Enabled(ctx, l)
}

// Handle passes the record on unchanged.
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

// derive returns a handler with the group or the attributes that h adds to its outer
// handler.
func (h *handler) derive(to slog.Handler) slog.Handler {
	if h.group != "" {
		return to.WithGroup(h.group)
	}
	return to.WithAttrs(slices.Clone(h.attrs)) // the handler may change the slice
}
