package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/logx"
	"github.com/scopetree/scope/logx/logtest"
	"github.com/scopetree/scope/scopetest"
)

// logAll logs like a program that knows only package slog.
func logAll(ctx context.Context, h slog.Handler) {
	logger := slog.New(h).With("component", "shop").WithGroup("request")
	logger.InfoContext(ctx, "paid", "order", 7)
	logger.DebugContext(ctx, "detail")
}

// checkRouted runs a program in a test. The program logs through a handler that would
// write to another library.
func checkRouted(t *testing.T, h slog.Handler) {
	captured := logtest.Capture(t)
	logAll(scopetest.Context(t), h)
	assert.Len(t, captured.Find(slog.LevelInfo, "paid", "component", "shop", "request.order", 7), 1)
	assert.Len(t, captured.Find(slog.LevelDebug, "detail"), 1, "the library's level does not count")
	assert.Len(t, captured.Records(), 2)
}

func TestZapWritesWhatIsNotRouted(t *testing.T) {
	t.Parallel()
	core, seen := observer.New(zapcore.InfoLevel)
	h := logx.Handler(zapslog.NewHandler(core, zapslog.WithCaller(true)))
	checkRouted(t, h)
	assert.Zero(t, seen.Len())

	logAll(scope.Detach(t.Context()), h)
	require.Equal(t, 1, seen.Len())
	entry := seen.All()[0]
	assert.Equal(t, "paid", entry.Message)
	assert.Contains(t, entry.Caller.String(), "logs_test.go", "the caller's line, not this library's")
	enc := zapcore.NewMapObjectEncoder()
	for _, f := range entry.Context {
		f.AddTo(enc)
	}
	assert.Equal(t, map[string]any{"component": "shop", "request": map[string]any{"order": int64(7)}}, enc.Fields)
}

func TestZerologWritesWhatIsNotRouted(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	bare := zerolog.NewSlogHandler(zerolog.New(&out).Level(zerolog.InfoLevel))
	h := logx.Handler(bare)
	checkRouted(t, h)
	assert.Empty(t, out.String())

	written := func(h slog.Handler) (entry map[string]any) {
		out.Reset()
		logAll(scope.Detach(t.Context()), h)
		require.NoError(t, json.Unmarshal(out.Bytes(), &entry))
		delete(entry, "time")
		return entry
	}
	entry := written(h)
	assert.Equal(t, written(bare), entry)
	assert.Equal(t, "paid", entry["message"])
	assert.Equal(t, 7.0, entry["request.order"])
}

// A route may lead to such a library, too.
func TestARouteMayLeadToZapOrZerolog(t *testing.T) {
	t.Parallel()
	core, seen := observer.New(zapcore.DebugLevel)
	var out bytes.Buffer
	h := logx.Handler(slog.NewTextHandler(io.Discard, nil))
	for _, to := range []slog.Handler{zapslog.NewHandler(zap.New(core).Core()), zerolog.NewSlogHandler(zerolog.New(&out))} {
		logAll(scope.With(scope.Detach(t.Context()), logx.Route(to)), h)
	}
	assert.Equal(t, 1, seen.FilterMessage("paid").Len())
	assert.Equal(t, 2, seen.Len())
	assert.Equal(t, 2, bytes.Count(out.Bytes(), []byte("\n")))
}
