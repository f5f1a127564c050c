package logx_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/logx"
)

// Serial, because AllocsPerRun is.
func TestARecordAllocatesNoMoreThanTheHandlerAlone(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	key := scope.NewKey("other", "")
	h := slog.NewTextHandler(io.Discard, nil)
	allocs := func(ctx context.Context, h slog.Handler) float64 {
		logger := slog.New(h).With("a", 1).WithGroup("g")
		return testing.AllocsPerRun(100, func() {
			logger.InfoContext(ctx, "message", "b", 2)
			logger.DebugContext(ctx, "not enabled")
		})
	}
	for name, ctx := range map[string]context.Context{
		"no scope":               context.Background(),
		"an empty scope":         outside(),
		"a scope without routes": scope.Set(outside(), key, "value"),
	} {
		assert.Zero(t, allocs(ctx, logx.Handler(h))-allocs(ctx, h), name)
	}
	// The mark that keeps a routed handler from being asked twice.
	routed := scope.With(outside(), logx.Route(h))
	assert.LessOrEqual(t, allocs(routed, logx.Handler(slog.DiscardHandler))-allocs(outside(), h), 3.0)
}
