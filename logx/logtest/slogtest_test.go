package logtest_test

import (
	"context"
	"log/slog"
	"strings"

	"github.com/scopetree/scope/logx/logtest"
)

// in is a handler for code that logs in a scope.
type in struct {
	ctx context.Context
	slog.Handler
}

func (h in) Enabled(_ context.Context, l slog.Level) bool { return h.Handler.Enabled(h.ctx, l) }

func (h in) Handle(_ context.Context, r slog.Record) error { return h.Handler.Handle(h.ctx, r) }

func (h in) WithAttrs(attrs []slog.Attr) slog.Handler { return in{h.ctx, h.Handler.WithAttrs(attrs)} }

func (h in) WithGroup(name string) slog.Handler { return in{h.ctx, h.Handler.WithGroup(name)} }

// nested returns a record as package slogtest takes it, with a map for each
// group.
func nested(r logtest.Record) map[string]any {
	m := map[string]any{slog.LevelKey: r.Level, slog.MessageKey: r.Message}
	if !r.Time.IsZero() {
		m[slog.TimeKey] = r.Time
	}
	for _, a := range r.Attrs {
		in := m
		groups := strings.Split(a.Key, ".")
		for _, g := range groups[:len(groups)-1] {
			if in[g] == nil {
				in[g] = map[string]any{}
			}
			in = in[g].(map[string]any)
		}
		in[groups[len(groups)-1]] = a.Value.Any()
	}
	return m
}
