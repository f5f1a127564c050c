package logx

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"sync"
	"sync/atomic"
)

// Install makes the default logger of package slog and the standard logger of
// package log follow routes. Without a route their output stays as it was: package
// log keeps its flags, prefix and writer. With one, a line of package log becomes a
// record of level Info, and its source is the line that logged it. After a
// slog.SetDefault it has the level of [slog.SetLogLoggerLevel] in place of Info,
// and its source also without a route.
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

// installed is a default logger that follows routes, and what it took the place
// of.
type installed struct {
	was, logger *slog.Logger
	out, writer io.Writer // of package log
}

func install() *installed {
	i := &installed{was: slog.Default(), out: log.Writer()}
	w := &writer{to: i.out}
	f := &fallback{Handler: i.was.Handler(), writer: w, busy: new(atomic.Bool)}
	i.logger = slog.New(Handler(f))
	if fmt.Sprintf("%T", i.out) == "*slog.handlerWriter" {
		// slog.SetDefault made lines records already. It does so again.
		setDefault(i.logger, log.Flags()|log.Lshortfile) // with their source
		i.writer = log.Writer()
		return i
	}
	log.SetOutput(w) // so that lines written meanwhile wait for each other
	f.busy.Store(true)
	setDefault(i.logger, 0)
	log.SetOutput(w)
	f.busy.Store(false)
	i.writer = w
	return i
}

func (i *installed) undo() {
	out := log.Writer()
	if out == i.writer {
		out = i.out
	}
	if slog.Default() == i.logger {
		setDefault(i.was, 0)
	}
	log.SetOutput(out)
}

// setDefault is slog.SetDefault called while package log has certain flags. The
// flags stay as they were.
func setDefault(l *slog.Logger, during int) {
	flags := log.Flags()
	log.SetFlags(during)
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
