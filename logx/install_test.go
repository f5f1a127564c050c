package logx_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/logx"
)

// As many programs have them: taken when the package is initialised.
var (
	early        = slog.Default()
	earlyDerived = slog.Default().With("a", 1).WithGroup("g")
	earlyLog     = log.Default()
)

// The tests of Install are serial: it is for the whole process.

// install installs for a test whose log output goes to a book, and brings
// everything back.
func install(t *testing.T, flags int, prefix string, was *slog.Logger) *book {
	t.Helper()
	out, f, p := log.Writer(), log.Flags(), log.Prefix()
	t.Cleanup(func() {
		slog.SetDefault(early)
		log.SetOutput(out)
		log.SetFlags(f)
		log.SetPrefix(p)
	})
	global := new(book)
	slog.SetDefault(was)
	log.SetOutput(global)
	log.SetFlags(flags)
	log.SetPrefix(prefix)
	uninstall := logx.Install()
	t.Cleanup(func() {
		uninstall()
		assert.Same(t, was, slog.Default())
		assert.Equal(t, io.Writer(global), log.Writer())
		assert.Equal(t, flags, log.Flags())
		assert.Equal(t, prefix, log.Prefix())
	})
	return global
}

// sourced is a handler that writes where records come from.
func (b *book) sourced() slog.Handler {
	return slog.NewTextHandler(b, &slog.HandlerOptions{AddSource: true, Level: slog.LevelDebug, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if s, ok := a.Value.Any().(*slog.Source); ok {
			return slog.String("source", regexp.MustCompile(`.*/`).ReplaceAllString(s.Function, ""))
		}
		return noTime(groups, a)
	}})
}

// logAll logs by every way that leads to the defaults.
func logAll() {
	slog.Info("slog")
	slog.With("a", 1).WithGroup("g").Warn("derived", "b", "two words")
	early.Info("early")
	earlyDerived.Error("early derived", "b", "two words", "c", "", "d", `"`)
	log.Printf("log %d", 1)
	log.Print("two\nlines")
	earlyLog.Println("early log")
}

func TestInstallRoutesSlogAndLog(t *testing.T) {
	for _, c := range []struct {
		flags  int
		prefix string
	}{
		{log.LstdFlags, ""},
		{0, ""},
		{log.Lshortfile | log.LstdFlags | log.Lmicroseconds, "app: "},
		{log.Llongfile | log.LUTC | log.Ltime | log.Lmsgprefix, "app: "},
		{log.Ldate, "2: "},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			var mine book
			global := install(t, c.flags, c.prefix, early)
			scope.Run(scope.With(outside(), logx.Route(mine.sourced())), func(context.Context) { logAll() })
			assert.Empty(t, global.String())
			p := c.prefix
			q := func(s string) string {
				if strings.ContainsAny(s, " \n") {
					return fmt.Sprintf("%q", s)
				}
				return s
			}
			assert.Equal(t, `level=INFO source=logx_test.logAll msg=slog
level=WARN source=logx_test.logAll msg=derived a=1 g.b="two words"
level=INFO source=logx_test.logAll msg=early
level=ERROR source=logx_test.logAll msg="early derived" a=1 g.b="two words" g.c="" g.d="\""
level=INFO source=logx_test.logAll msg=`+q(p+"log 1")+`
level=INFO source=logx_test.logAll msg=`+q(p+"two\nlines")+`
level=INFO source=logx_test.logAll msg=`+q(p+"early log")+"\n", mine.String())
		})
	}
}

func TestInstallLeavesWhatIsNotRoutedAsItIs(t *testing.T) {
	defer func(w io.Writer, flags int, prefix string) {
		slog.SetDefault(early)
		log.SetOutput(w)
		log.SetFlags(flags)
		log.SetPrefix(prefix)
	}(log.Writer(), log.Flags(), log.Prefix())
	for _, flags := range []int{0, log.Lshortfile, log.Lshortfile | log.Lmsgprefix} {
		for _, setDefault := range []bool{false, true} {
			var out book
			log.SetFlags(flags)
			log.SetPrefix("app: ")
			log.SetOutput(&out)
			slog.SetDefault(early)
			switch h := out.handler(); { // slog.SetDefault sets package log's flags and writer
			case setDefault && flags == 0:
				slog.SetDefault(slog.New(h))
			case setDefault:
				slog.SetDefault(slog.New(out.sourced()))
			}
			scope.Run(outside(), func(context.Context) { logAll() })
			want := out.String()
			out.buf.Reset()
			uninstall := logx.Install()
			scope.Run(outside(), func(context.Context) { logAll() })
			uninstall()
			assert.Equal(t, want, out.String())
			assert.Equal(t, 7, strings.Count(want, "\n")-strings.Count(want, "\nlines"))
		}
	}
}

func TestAnExplicitScopeWithoutARouteDecidesOnce(t *testing.T) {
	var mine book
	global := install(t, 0, "", early)
	scope.Run(scope.With(outside(), logx.Route(mine.handler())), func(context.Context) {
		slog.InfoContext(outside(), "decided by its context")
	})
	assert.Equal(t, "INFO decided by its context\n", global.String())
	assert.Empty(t, mine.String())
}

func TestARouteMayLeadToTheEarlierDefault(t *testing.T) {
	var h = early.Handler()
	global := install(t, 0, "", early)
	scope.Run(scope.With(outside(), logx.Route(h)), func(context.Context) { slog.Info("message") })
	assert.Equal(t, "INFO message\n", global.String())
}

func TestLinesThatLookLikeSlogsAreLines(t *testing.T) {
	var mine book
	install(t, 0, "", early)
	scope.Run(scope.With(outside(), logx.Route(mine.handler())), func(context.Context) { log.Print("ERROR x=1") })
	assert.Equal(t, `level=INFO msg="ERROR x=1"`+"\n", mine.String())
}

func TestALineOfALoggerWithOtherFlagsIsWhole(t *testing.T) {
	var mine book
	install(t, log.LstdFlags|log.Lshortfile, "", early)
	scope.Run(scope.With(outside(), logx.Route(mine.handler())), func(context.Context) {
		log.New(log.Writer(), "mine: ", log.Lmsgprefix).Print("message")
	})
	assert.Equal(t, `level=INFO msg="mine: message"`+"\n", mine.String())
}

func TestAnEndedScopesLinesGoWhereTheyWent(t *testing.T) {
	var mine book
	global := install(t, 0, "", early)
	ctx, end := scope.New(outside(), "short")
	scope.Run(scope.With(ctx, logx.Route(mine.handler())), func(context.Context) {
		log.Print("one")
		end()
		log.Print("two")
		slog.Info("three")
	})
	scope.Run(scope.With(outside(), logx.Route(declining{mine.handler()})), func(context.Context) { log.Print("four") })
	assert.Equal(t, "level=INFO msg=one\n", mine.String())
	assert.Equal(t, "two\nINFO three\nfour\n", global.String())
}

func TestALineBelowTheRoutedLevelIsDropped(t *testing.T) {
	var mine book
	global := install(t, 0, "", early)
	quiet := slog.NewTextHandler(&mine, &slog.HandlerOptions{Level: slog.LevelWarn})
	scope.Run(scope.With(outside(), logx.Route(quiet)), func(context.Context) { log.Print("line") })
	assert.Empty(t, mine.String()+global.String())
}

func TestInstallIsCounted(t *testing.T) {
	install(t, 0, "", early)
	installed := slog.Default()
	uninstall := logx.Install()
	uninstall()
	uninstall()
	assert.Same(t, installed, slog.Default(), "the first is in force")
}

func TestInstallAgainFollowsANewDefault(t *testing.T) {
	defer func(w io.Writer, flags int) { log.SetOutput(w); log.SetFlags(flags); slog.SetDefault(early) }(log.Writer(), log.Flags())
	var second, mine book
	first := logx.Install()
	logger := slog.New(second.handler())
	slog.SetDefault(logger)
	routed := scope.With(outside(), logx.Route(mine.handler()))
	logOnce := func(context.Context) { slog.Info("slog"); log.Print("log") }
	scope.Run(routed, logOnce)
	assert.Empty(t, mine.String())
	uninstall := logx.Install()
	scope.Run(routed, logOnce)
	assert.Equal(t, "level=INFO msg=slog\nlevel=INFO msg=log\n", mine.String())
	scope.Run(outside(), logOnce)
	uninstall()
	first()
	assert.Same(t, logger, slog.Default())
	assert.Equal(t, strings.Repeat("level=INFO msg=slog\nlevel=INFO msg=log\n", 2), second.String())
}

// As tests do that swap the default logger, and programs that add to it.
func TestTheInstalledLoggerMayBecomeTheDefaultAgain(t *testing.T) {
	defer func(w io.Writer, flags int) { log.SetOutput(w); log.SetFlags(flags); slog.SetDefault(early) }(log.Writer(), log.Flags())
	var global, other, mine book
	log.SetOutput(&global)
	log.SetFlags(0)
	defer logx.Install()()
	installed := slog.Default()

	slog.SetDefault(slog.New(other.handler()))
	slog.SetDefault(installed)
	logAll()
	slog.SetDefault(slog.Default().With("app", "shop"))
	logAll()
	slog.SetDefault(installed)
	assert.Equal(t, `INFO slog
WARN derived a=1 g.b="two words"
INFO early
ERROR early derived a=1 g.b="two words" g.c="" g.d="\""
log 1
two
lines
early log
INFO slog app=shop
WARN derived app=shop a=1 g.b="two words"
INFO early
ERROR early derived a=1 g.b="two words" g.c="" g.d="\""
log 1
two
lines
early log
`, global.String())
	assert.Empty(t, other.String())

	routed := scope.With(outside(), logx.Route(mine.handler()))
	scope.Run(routed, func(context.Context) { log.Print("line") })
	defer logx.Install()()
	scope.Run(routed, func(context.Context) { early.Warn("early") })
	assert.Equal(t, "level=INFO msg=line\nlevel=WARN msg=early\n", mine.String())
}

func TestUninstallLeavesWhatWasReplaced(t *testing.T) {
	defer func(w io.Writer, flags int) { log.SetOutput(w); log.SetFlags(flags); slog.SetDefault(early) }(log.Writer(), log.Flags())
	var buf bytes.Buffer
	uninstall := logx.Install()
	log.SetOutput(&buf)
	uninstall()
	assert.Same(t, early, slog.Default())
	assert.Equal(t, io.Writer(&buf), log.Writer())

	uninstall = logx.Install()
	logger := slog.New(slog.DiscardHandler)
	slog.SetDefault(logger)
	uninstall()
	assert.Same(t, logger, slog.Default())
}

// In the middle of slog.SetDefault the earlier default handler and package log
// could wait for each other. The writer is slow, so that writers queue for package
// log's lock and come in between.
func TestInstallWhileOthersLog(t *testing.T) {
	defer func(w io.Writer) { log.SetOutput(w) }(log.Writer())
	log.SetOutput(slow{})
	stop := make(chan struct{})
	var started, running sync.WaitGroup
	for _, write := range []func(){
		func() { slog.Info("slog", "a", 1) },
		func() { log.Print("log") },
		func() { early.Info("early") },
	} {
		started.Add(1)
		running.Go(func() {
			write()
			started.Done()
			for {
				select {
				case <-stop:
					return
				default:
					write()
				}
			}
		})
	}
	started.Wait()
	for range 5 {
		logx.Install()()
	}
	close(stop)
	running.Wait()
	require.Same(t, early, slog.Default())
}

// A slow writer takes two milliseconds for a line.
type slow struct{}

func (slow) Write(p []byte) (int, error) {
	for start := time.Now(); time.Since(start) < 2*time.Millisecond; {
		runtime.Gosched()
	}
	return len(p), nil
}
