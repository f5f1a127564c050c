package logx

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
)

// A fallback is the earlier default handler, if package log did not write to that. It may
// be the handler with which package slog starts, which writes to package log.
//
// slog.SetDefault makes package log write to the new default logger. It does so in the
// middle of Install, and when a program has replaced the default logger and then brings
// it back. Then the two would write to each other, while package log holds its lock.
// Therefore such a line goes to the writer that package log had before.
type fallback struct {
	slog.Handler
	writer *writer
}

func (f *fallback) Handle(ctx context.Context, r slog.Record) error {
	if inLine() {
		_, err := f.writer.pass([]byte(r.Message + "\n"))
		return err
	}
	return f.Handler.Handle(ctx, r)
}

func (f *fallback) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &fallback{f.Handler.WithAttrs(attrs), f.writer}
}

func (f *fallback) WithGroup(name string) slog.Handler {
	return &fallback{f.Handler.WithGroup(name), f.writer}
}

// inLine reports whether this goroutine is writing a line of package log as a record.
//
// Only the stack tells. Reading it costs a quarter of a microsecond for each record. So
// inLine reads no more than the frames of this package, and of two handlers around its
// own. Names of functions would take far longer.
func inLine() bool {
	var pcs [4]uintptr
	return slices.Contains(pcs[:runtime.Callers(3, pcs[:])], lineToRecord())
}

// lineToRecord returns the program counter of the call with which package slog passes a
// line of package log to a handler. If it is wrong, TestInstallWhileOthersLog hangs.
var lineToRecord = sync.OnceValue(func() uintptr {
	var p probe
	slog.NewLogLogger(&p, slog.LevelInfo).Print()
	return p.pc
})

// A probe is a handler that notes the program counter of its caller.
type probe struct {
	slog.Handler
	pc uintptr
}

func (*probe) Enabled(context.Context, slog.Level) bool { return true }

func (p *probe) Handle(context.Context, slog.Record) error {
	var pcs [1]uintptr
	runtime.Callers(2, pcs[:])
	p.pc = pcs[0]
	return nil
}
