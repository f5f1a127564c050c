package logx

import (
	"context"
	"log"
	"log/slog"
	"sync"
	"sync/atomic"
)

// Install makes the default logger of package slog and the standard logger of
// package log follow routes. Without a route their output stays as it was, byte
// for byte: package log keeps its flags and prefix. Lines of package log become
// records of level Info, with the line that logged them as their source.
//
// Call it in main or TestMain, after the program's own slog.SetDefault. It may be
// called again, to no effect, unless the default logger has been replaced: then
// it makes the new one follow routes. uninstall brings back the logger and the
// writer that Install found. It does so when it has been called once for each call
// of Install, and leaves alone what somebody has replaced since.
func Install() (uninstall func()) {
	installation.Lock()
	defer installation.Unlock()
	installation.users++
	if _, ok := slog.Default().Handler().(*handler); !ok {
		installation.now = install()
	}
	return sync.OnceFunc(func() {
		installation.Lock()
		defer installation.Unlock()
		installation.users--
		if installation.users == 0 && installation.now != nil {
			installation.now.undo()
			installation.now = nil
		}
	})
}

// installation is what Install has done to this process.
var installation struct {
	sync.Mutex
	users int
	now   *installed // nil if the default logger followed routes before
}

// installed is a default logger that follows routes.
type installed struct {
	was, logger *slog.Logger
	writer      *writer // of package log
}

func install() *installed {
	i := &installed{was: slog.Default(), writer: &writer{to: log.Writer()}}
	f := &fallback{Handler: i.was.Handler(), writer: i.writer, busy: new(atomic.Bool)}
	i.logger = slog.New(Handler(f))
	log.SetOutput(i.writer) // so that lines written meanwhile wait for each other
	f.busy.Store(true)
	setDefault(i.logger)
	log.SetOutput(i.writer)
	f.busy.Store(false)
	return i
}

func (i *installed) undo() {
	ours := log.Writer() == i.writer
	if slog.Default() == i.logger {
		w := log.Writer()
		setDefault(i.was)
		log.SetOutput(w)
	}
	if ours {
		log.SetOutput(i.writer.to)
	}
}

// setDefault is slog.SetDefault, but package log's flags stay.
func setDefault(l *slog.Logger) {
	flags := log.Flags()
	slog.SetDefault(l)
	log.SetFlags(flags)
}

// A fallback is the earlier default handler.
//
// In the middle of Install package log writes to the new default logger. The
// handler that package slog starts with writes to package log, and would wait
// for itself: so meanwhile records go straight to the writer.
type fallback struct {
	slog.Handler
	writer *writer
	busy   *atomic.Bool
}

func (f *fallback) Handle(ctx context.Context, r slog.Record) error {
	if f.busy.Load() {
		_, err := f.writer.pass([]byte(r.Level.String() + " " + r.Message + "\n"))
		return err
	}
	return f.Handler.Handle(ctx, r)
}

func (f *fallback) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &fallback{f.Handler.WithAttrs(attrs), f.writer, f.busy}
}

func (f *fallback) WithGroup(name string) slog.Handler {
	return &fallback{f.Handler.WithGroup(name), f.writer, f.busy}
}
