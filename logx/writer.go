package logx

import (
	"context"
	"io"
	"log"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"
)

// A writer is the writer of package log after Install. Each line goes to the route of the
// goroutine's scope, or else where it went before.
type writer struct {
	mu sync.Mutex // guards to
	to io.Writer
}

func (w *writer) Write(line []byte) (int, error) {
	ctx := context.Background()
	if r := routeOf(ctx); r != nil {
		if c := lineCaller(); !c.decided {
			rec := c.record(string(line))
			if !r.enabled(ctx, nil, rec.Level) {
				return len(line), nil
			}
			if taken, err := r.handle(ctx, nil, rec); taken {
				return len(line), err
			}
		}
	}
	return w.pass(line)
}

// pass writes a line where lines went before Install.
func (w *writer) pass(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(line)
}

// A caller says what made package log write a line.
type caller struct {
	pc      uintptr
	slog    bool // it was the handler with which package slog starts
	decided bool // a handler of this package was asked about this record
}

// lineCaller finds the caller on the stack. The line itself does not tell.
func lineCaller() (c caller) {
	const skip = 2 // skips runtime.Callers and this function
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(skip, pcs[:])])
	for depth := skip; ; depth++ {
		f, more := frames.Next()
		switch {
		case strings.HasPrefix(f.Function, thisPackage+"(*handler).Handle"):
			return caller{decided: true}
		case strings.HasPrefix(f.Function, "log/slog."):
			c.slog = c.slog || strings.HasPrefix(f.Function, "log/slog.(*defaultHandler).")
		case strings.HasPrefix(f.Function, "log.") || strings.HasPrefix(f.Function, thisPackage+"(*writer)."):
		case c.pc == 0:
			runtime.Callers(depth, pcs[:1]) // the frame's own pc does not show inlined calls
			c.pc = pcs[0]
		}
		if !more {
			return c
		}
	}
}

const thisPackage = "github.com/scopetree/scope/logx."

// record returns a line as a record.
func (c caller) record(line string) slog.Record {
	prefix, text := splitLine(strings.TrimSuffix(line, "\n"), log.Prefix(), log.Flags())
	if c.slog {
		if level, message, attrs, ok := parseText(text); ok {
			rec := slog.NewRecord(time.Now(), level, message, c.pc)
			rec.AddAttrs(attrs...)
			return rec
		}
	}
	return slog.NewRecord(time.Now(), slog.LevelInfo, prefix+text, c.pc)
}
