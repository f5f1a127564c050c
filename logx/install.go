package logx

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"sync"
)

// Install makes the default logger of package slog and the standard logger of package log
// follow routes. Without a route, their output does not change: package log keeps its
// flags, prefix and writer. With a route, a line of package log becomes a record of level
// Info, whose source is the line that logged it. If the program has called
// slog.SetDefault, the level is that of [slog.SetLogLoggerLevel], and records have the
// source without a route too.
//
// Call it in main or TestMain, after the program's own slog.SetDefault. A further call
// has no effect, unless the default logger was replaced meanwhile. Then it makes the new
// one follow routes.
//
// uninstall brings back the logger and the writer that Install found. After several calls
// of Install, the last uninstall does that. It leaves alone a logger or a writer that
// other code has set since.
func Install() (uninstall func()) {
	installation.Lock()
	defer installation.Unlock()
	installation.users++
	if _, ok := slog.Default().Handler().(*handler); !ok {
		installation.now = install()
	} else if i := installation.now; i != nil && slogWrites(log.Writer()) {
		log.SetOutput(i.writer) // slog.SetDefault has been called to bring i.logger back
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

// installation has what Install has changed in this process.
var installation struct {
	sync.Mutex
	users int
	now   *installed // nil if the default logger followed routes already
}

// An installed is a default logger that follows routes, with the logger and the writer
// that it replaced.
type installed struct {
	was, logger *slog.Logger
	out, writer io.Writer // package log's writer
}

func install() *installed {
	i := &installed{was: slog.Default(), out: log.Writer()}
	if slogWrites(i.out) {
		// slog.SetDefault had made records of lines already. It does so again.
		i.logger = slog.New(Handler(i.was.Handler()))
		setDefault(i.logger, log.Flags()|log.Lshortfile) // so that records have their source
		i.writer = log.Writer()
		return i
	}
	w := &writer{to: i.out}
	i.logger = slog.New(Handler(&fallback{i.was.Handler(), w}))
	log.SetOutput(w) // so that lines that are written meanwhile wait for each other
	setDefault(i.logger, 0)
	log.SetOutput(w)
	i.writer = w
	return i
}

// slogWrites reports whether slog.SetDefault has set package log's writer.
func slogWrites(w io.Writer) bool { return fmt.Sprintf("%T", w) == "*slog.handlerWriter" }

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

// setDefault calls slog.SetDefault while package log has certain flags. The flags are the
// same afterwards.
func setDefault(l *slog.Logger, during int) {
	flags := log.Flags()
	log.SetFlags(during)
	slog.SetDefault(l)
	log.SetFlags(flags)
}
