package logx_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/logx"
)

// A book is a writer with a handler that writes into it, without times.
type book struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *book) handler() slog.Handler {
	return slog.NewTextHandler(b, &slog.HandlerOptions{ReplaceAttr: noTime})
}

func noTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func TestHandlerAsksTheScopeAtEachRecord(t *testing.T) {
	t.Parallel()
	var global, mine book
	logger := slog.New(logx.Handler(global.handler()))
	ctx := scope.With(outside(), logx.Route(mine.handler()))
	logger.InfoContext(outside(), "one")
	logger.InfoContext(ctx, "two")
	scope.Run(ctx, func(context.Context) {
		logger.Info("three")
		logger.InfoContext(outside(), "four")
		done := make(chan struct{})
		scope.Go(ctx, func(context.Context) {
			defer close(done)
			logger.Info("five")
		})
		<-done
	})
	scope.Run(outside(), func(context.Context) { logger.Info("six") })
	assert.Equal(t, "level=INFO msg=one\nlevel=INFO msg=four\nlevel=INFO msg=six\n", global.String())
	assert.Equal(t, "level=INFO msg=two\nlevel=INFO msg=three\nlevel=INFO msg=five\n", mine.String())
}

func TestLoggersDerivedEarlierKeepAttributesAndGroups(t *testing.T) {
	t.Parallel()
	var global, mine book
	logger := slog.New(logx.Handler(global.handler())).
		With("a", 1).WithGroup("g").With("b", 2, "c", 3).WithGroup("h").With().WithGroup("")
	ctx := scope.With(outside(), logx.Route(mine.handler()))
	for range 2 {
		logger.InfoContext(ctx, "routed", "d", 4)
	}
	logger.With("e", 5).InfoContext(ctx, "more")
	logger.InfoContext(outside(), "not")
	assert.Equal(t, strings.Repeat("level=INFO msg=routed a=1 g.b=2 g.c=3 g.h.d=4\n", 2)+"level=INFO msg=more a=1 g.b=2 g.c=3 g.h.e=5\n", mine.String())
	assert.Equal(t, "level=INFO msg=not a=1 g.b=2 g.c=3\n", global.String())
}

// A careless handler changes the attributes that it is given, as it may.
type careless struct{ slog.Handler }

func (h careless) WithAttrs(attrs []slog.Attr) slog.Handler {
	made := h.Handler.WithAttrs(attrs)
	attrs[0].Key = "changed"
	return careless{made}
}

func TestHandlersDoNotShareAttributes(t *testing.T) {
	t.Parallel()
	var global, mine book
	logger := slog.New(logx.Handler(careless{global.handler()})).With("a", 1)
	for range 2 {
		logger.InfoContext(scope.With(outside(), logx.Route(careless{mine.handler()})), "routed")
	}
	assert.Equal(t, strings.Repeat("level=INFO msg=routed a=1\n", 2), mine.String())
}

func TestTheRoutedHandlerDecidesWhatIsEnabled(t *testing.T) {
	t.Parallel()
	var global, mine book
	logger := slog.New(logx.Handler(global.handler())).With("a", 1)
	debug := slog.NewTextHandler(&mine, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: noTime})
	quiet := slog.NewTextHandler(&mine, &slog.HandlerOptions{Level: slog.LevelError})
	logger.DebugContext(scope.With(outside(), logx.Route(debug)), "kept")
	logger.InfoContext(scope.With(outside(), logx.Route(quiet)), "dropped")
	logger.DebugContext(outside(), "dropped")
	assert.Equal(t, "level=DEBUG msg=kept a=1\n", mine.String())
	assert.Empty(t, global.String())
}

func TestSourceLinesAndReplaceAttrHold(t *testing.T) {
	t.Parallel()
	var mine book
	routed := slog.NewJSONHandler(&mine, &slog.HandlerOptions{AddSource: true, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == "secret" {
			return slog.String(strings.Join(groups, "/"), "hidden")
		}
		return a
	}})
	logger := slog.New(logx.Handler(slog.DiscardHandler)).WithGroup("g").With("secret", "x")
	_, _, line, _ := runtime.Caller(0)
	logger.InfoContext(scope.With(outside(), logx.Route(routed)), "message")
	var got struct {
		Source struct {
			File string
			Line int
		}
		G map[string]string
	}
	require.NoError(t, json.Unmarshal([]byte(mine.String()), &got))
	assert.Equal(t, line+1, got.Source.Line)
	assert.True(t, strings.HasSuffix(got.Source.File, "logx/handler_test.go"), got.Source.File)
	assert.Equal(t, map[string]string{"g": "hidden"}, got.G)
}

// Package slog's own tests of handlers, without a route and with one.
func TestHandlerPassesSlogtest(t *testing.T) {
	t.Parallel()
	for _, routed := range []bool{false, true} {
		t.Run(fmt.Sprint("routed ", routed), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			slogtest.Run(t, func(t *testing.T) slog.Handler {
				out.Reset()
				if !routed {
					return logx.Handler(slog.NewJSONHandler(&out, nil))
				}
				ctx := scope.With(outside(), logx.Route(slog.NewJSONHandler(&out, nil)))
				return in{ctx, logx.Handler(slog.DiscardHandler)}
			}, func(t *testing.T) (m map[string]any) {
				require.NoError(t, json.Unmarshal(out.Bytes(), &m))
				return m
			})
		})
	}
}

// in is a handler for code that logs in a scope.
type in struct {
	ctx context.Context
	slog.Handler
}

func (h in) Enabled(_ context.Context, l slog.Level) bool { return h.Handler.Enabled(h.ctx, l) }

func (h in) Handle(_ context.Context, r slog.Record) error { return h.Handler.Handle(h.ctx, r) }

func (h in) WithAttrs(attrs []slog.Attr) slog.Handler { return in{h.ctx, h.Handler.WithAttrs(attrs)} }

func (h in) WithGroup(name string) slog.Handler { return in{h.ctx, h.Handler.WithGroup(name)} }

func TestARecordOfAnEndedScopeIsNotRouted(t *testing.T) {
	t.Parallel()
	var global, outer, inner book
	logger := slog.New(logx.Handler(global.handler())).With("a", 1)
	around, endAround := scope.New(outside(), "around")
	around = scope.With(around, logx.Route(outer.handler()))
	ctx, end := scope.New(around, "test")
	ctx = scope.With(ctx, logx.Route(inner.handler()))
	logger.InfoContext(ctx, "one")
	end()
	logger.InfoContext(ctx, "two")
	endAround()
	logger.InfoContext(ctx, "three")
	assert.Equal(t, "level=INFO msg=one a=1\n", inner.String())
	assert.Equal(t, "level=INFO msg=two a=1\n", outer.String())
	assert.Equal(t, "level=INFO msg=three a=1\n", global.String())
}

// declining is a handler that takes no record.
type declining struct{ slog.Handler }

func (declining) Handle(context.Context, slog.Record) error {
	return fmt.Errorf("declining: %w", scope.ErrEnded)
}

func TestADeclinedRecordGoesOn(t *testing.T) {
	t.Parallel()
	var global, mine book
	logger := slog.New(logx.Handler(global.handler()))
	all := slog.NewTextHandler(&mine, &slog.HandlerOptions{Level: slog.LevelDebug})
	ctx := scope.With(outside(), logx.Route(declining{all}))
	logger.InfoContext(ctx, "declined")
	logger.DebugContext(ctx, "declined, and not enabled")
	assert.Equal(t, "level=INFO msg=declined\n", global.String())
	assert.Empty(t, mine.String())
}

// tee handles each record with two handlers.
type tee struct{ slog.Handler }

func (h tee) Handle(ctx context.Context, r slog.Record) error {
	return fmt.Errorf("tee: %w", h.Handler.Handle(ctx, r))
}

func TestARoutedHandlerMayLeadBack(t *testing.T) {
	t.Parallel()
	var global book
	h := logx.Handler(global.handler())
	for _, back := range []slog.Handler{h, tee{h}} {
		slog.New(h).InfoContext(scope.With(outside(), logx.Route(back)), "once")
	}
	assert.Equal(t, strings.Repeat("level=INFO msg=once\n", 2), global.String())
}

func TestErrorsOfTheRoutedHandlerAreReturned(t *testing.T) {
	t.Parallel()
	h := logx.Handler(slog.DiscardHandler)
	failing := slog.NewTextHandler(failingWriter{}, nil)
	err := h.Handle(scope.With(outside(), logx.Route(failing)), slog.Record{})
	assert.ErrorIs(t, err, io.ErrClosedPipe)
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestNilHandlersPanicInWords(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, "logx: Route of a nil handler", func() { logx.Route(nil) })
	assert.PanicsWithValue(t, "logx: Handler of a nil handler", func() { logx.Handler(nil) })
}

// A handler's fields change while it is used, so that printing them would race.
func TestARoutePrintsAsItsType(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "logx.route=*slog.JSONHandler", logx.Route(slog.NewJSONHandler(io.Discard, nil)).String())
}

func TestALoggerKeepsNoScopesHandlerAlive(t *testing.T) {
	t.Parallel()
	logger := slog.New(logx.Handler(slog.DiscardHandler)).With("a", 1).WithGroup("g")
	gone := func() weak.Pointer[book] {
		mine := new(book)
		ctx, end := scope.New(outside(), "short")
		logger.InfoContext(scope.With(ctx, logx.Route(mine.handler())), "message")
		require.NotEmpty(t, mine.String())
		end()
		return weak.Make(mine)
	}()
	for range 10 {
		runtime.GC()
	}
	assert.Nil(t, gone.Value())
	runtime.KeepAlive(logger)
}

// A counted handler counts those of its kind that are alive.
type counted struct {
	slog.Handler
	alive *sync.Map
}

func (h counted) WithAttrs([]slog.Attr) slog.Handler {
	made := &counted{h.Handler, h.alive}
	h.alive.Store(weak.Make(made), true)
	return made
}

func (h counted) count() (n int) {
	h.alive.Range(func(key, _ any) bool {
		if key.(weak.Pointer[counted]).Value() != nil {
			n++
		}
		return true
	})
	return n
}

// As a program has them that derives a logger for each request.
func TestARouteKeepsNoLoggersAlive(t *testing.T) {
	t.Parallel()
	h := counted{slog.DiscardHandler, new(sync.Map)}
	enabled := counted{slog.NewTextHandler(io.Discard, nil), h.alive}
	ctx := scope.With(outside(), logx.Route(enabled))
	logger := slog.New(logx.Handler(slog.DiscardHandler))
	for i := range 2000 {
		logger.With("request", i).InfoContext(ctx, "message")
		if i%100 == 0 {
			runtime.GC()
		}
	}
	assert.Less(t, h.count(), 500)
	runtime.KeepAlive(ctx)
}
