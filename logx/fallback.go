package logx

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
)

// A fallback is the earlier default handler, if package log did not write to it.
// It may be the one that package slog starts with, which writes to package log.
//
// slog.SetDefault makes package log write to the new default logger. That is so
// in the middle of Install, and after a program has replaced the default logger
// and brought it back. The two would then write to each other, under package
// log's lock. So a line goes to the writer that package log had.
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

// inLine says whether this goroutine is writing a line of package log as a
// record.
//
// Only its stack tells. That costs a quarter of a microsecond for each record, so
// no more of it is asked for than this package's own frames and room for two
// handlers around its own. Names of functions would take far longer.
func inLine() bool {
	var pcs [4]uintptr
	return slices.Contains(pcs[:runtime.Callers(3, pcs[:])], lineToRecord())
}

// lineToRecord returns the program counter of the call that package slog makes
// to a handler with a line of package log. TestInstallWhileOthersLog hangs if it
// is wrong.
var lineToRecord = sync.OnceValue(func() uintptr {
	var p probe
	slog.NewLogLogger(&p, slog.LevelInfo).Print()
	return p.pc
})

// A probe is a handler that notes where it is called from.
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
