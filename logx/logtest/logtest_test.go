package logtest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/logx"
	"github.com/scopetree/scope/logx/logtest"
	"github.com/scopetree/scope/scopetest"
)

// As programs have them, from before any test.
var (
	logger  = slog.Default().With("component", "shop")
	request = slog.Default().WithGroup("request")
)

func TestCaptureHasTheRecordsOfThisTestAlone(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			captured := logtest.Capture(t)
			captured.Expect(slog.LevelInfo, "paid", "order", i)
			captured.Never(slog.LevelError)
			inTest(t, func(ctx context.Context) {
				slog.Info("paid", "order", i)
				logger.Warn("early", "order", i)
				done := make(chan struct{})
				scope.Go(ctx, func(context.Context) {
					defer close(done)
					log.Printf("order %d", i)
				})
				<-done
			})
			slog.InfoContext(scopetest.Context(t), "by context")
			var got []string
			for _, r := range captured.Records() {
				r.Source = ""
				got = append(got, r.String())
			}
			assert.Equal(t, []string{
				fmt.Sprint("INFO paid order=", i),
				fmt.Sprint("WARN early component=shop order=", i),
				fmt.Sprint("INFO order ", i),
				"INFO by context",
			}, got)
		})
	}
}

// One log, and many goroutines that write it.
func TestALogMayBeWrittenAndReadAtOnce(t *testing.T) {
	t.Parallel()
	captured := logtest.Capture(t)
	ctx := scopetest.Context(t)
	done := make(chan struct{})
	for i := range 20 {
		scope.Go(ctx, func(context.Context) {
			slog.With("a", 1).Info("message", "i", i)
			captured.Find(slog.LevelInfo, "message", "i", i)
			done <- struct{}{}
		})
	}
	for range 20 {
		<-done
	}
	assert.Len(t, captured.Find(slog.LevelInfo, "message", "a", 1), 20)
}

func TestFindComparesLevelMessageAndAttributes(t *testing.T) {
	t.Parallel()
	captured := logtest.Capture(t)
	inTest(t, func(context.Context) {
		slog.With("a", 1).WithGroup("g").Info("message", "b", time.Second, slog.Group("h", "err", fs.ErrNotExist))
		request.Info("text", "id", "a b")
	})
	for _, attrs := range [][]any{
		nil, {"a", 1}, {"a", "1"}, {"g.b", time.Second, "g.h.err", fs.ErrNotExist}, {slog.Group("g", "b", "1s")},
	} {
		assert.Len(t, captured.Find(slog.LevelInfo, "message", attrs...), 1, attrs)
	}
	for _, attrs := range [][]any{{"b", 1}, {"a", 2}, {"a", 1, "x", 1}} {
		assert.Empty(t, captured.Find(slog.LevelInfo, "message", attrs...), attrs)
	}
	assert.Empty(t, captured.Find(slog.LevelWarn, "message"))
	assert.Empty(t, captured.Find(slog.LevelInfo, "messag"))
	assert.Len(t, captured.Find(slog.LevelInfo, "text", "request.id", "a b"), 1)
	r := captured.Find(slog.LevelInfo, "message")[0]
	err, _ := r.Value("g.h.err").Any().(error)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.Equal(t, slog.Value{}, r.Value("missing"))
}

func TestRecordsPrintOnOneLine(t *testing.T) {
	t.Parallel()
	captured := logtest.Capture(t)
	inTest(t, func(context.Context) { slog.Error("two\nlines", "a b", "", "c", "\x1b[31m", "d", `"`) })
	assert.Regexp(t, `^ERROR "two\\nlines" "a b"="" c="\\x1b\[31m" d="\\"" \(logtest_test.go:\d+\)$`, captured.Records()[0].String())
}

func TestARecordIsAsItWasWhenItWasLogged(t *testing.T) {
	t.Parallel()
	captured := logtest.Capture(t)
	order := &struct{ ID int }{7}
	inTest(t, func(context.Context) { slog.Info("paid", "order", order) })
	order.ID = 8
	assert.Contains(t, captured.Records()[0].String(), "order=&{ID:7}")
}

func TestValuesOfRedactedKeysStayRedacted(t *testing.T) {
	t.Parallel()
	secret := scope.NewKey("api.key", "", scope.Redacted())
	f := run(t, func(f *fake) {
		captured := logtest.Capture(f)
		captured.Expect(slog.LevelInfo, "nothing")
		inTest(f, func(context.Context) {
			slog.Info("bound", "binding", secret.Bind("c4nary"), "key", secret)
		})
	})
	assert.NotContains(t, f.output.String()+failure(f), "c4nary")
	assert.Contains(t, failure(f), `binding="api.key=‹redacted›" key=api.key`)
}

func TestExpectSaysWhatWasNotLogged(t *testing.T) {
	t.Parallel()
	f := run(t, func(f *fake) {
		captured := logtest.Capture(f)
		captured.Expect(slog.LevelInfo, "paid", "order", 7, "by", "Ada L")
		captured.Expect(slog.LevelWarn, "late")
		inTest(f, func(context.Context) {
			slog.Info("paid", "order", 7, "by", "Bob")
			slog.Warn("paid", "order", 8)
			slog.Warn("early")
		})
	})
	assert.Equal(t, `logtest: this was not logged:

    INFO paid order=7 by="Ada L", expected at logtest_test.go:N

Nearest: INFO paid order=7 by=Bob (logtest_test.go:N), but it has by=Bob

Logged:
    INFO paid order=7 by=Bob (logtest_test.go:N)
    WARN paid order=8 (logtest_test.go:N)
    WARN early (logtest_test.go:N)
---
logtest: this was not logged:

    WARN late, expected at logtest_test.go:N

Logged:
    INFO paid order=7 by=Bob (logtest_test.go:N)
    WARN paid order=8 (logtest_test.go:N)
    WARN early (logtest_test.go:N)`, failure(f))
}

func TestExpectSaysThatNothingWasLogged(t *testing.T) {
	t.Parallel()
	f := run(t, func(f *fake) { logtest.Capture(f).Expect(slog.LevelInfo, "paid") })
	assert.Contains(t, failure(f), "INFO paid, expected at logtest_test.go:N\n\nNothing at all was logged. Perhaps\n")
	assert.Equal(t, scope.Carrier() != "labels", strings.Contains(failure(f), "call the code in scope.Run"))
}

func TestNeverForbidsALevelAndThoseAbove(t *testing.T) {
	t.Parallel()
	f := run(t, func(f *fake) {
		captured := logtest.Capture(f)
		captured.Never(slog.LevelWarn)
		captured.Expect(slog.LevelError, "refused")
		inTest(f, func(context.Context) {
			slog.Info("fine")
			slog.Warn("late")
			slog.Error("refused", "by", "bank") // since it is expected
			slog.Error("broken", "err", errors.New("no disk"))
		})
	})
	assert.Equal(t, `logtest: nothing of level WARN or above may be logged (logtest_test.go:N), but this was:

    WARN late (logtest_test.go:N)
    ERROR broken err="no disk" (logtest_test.go:N)`, failure(f))
}

// It is scopetest's report, for a test that has failed by then.
func TestAFailingExpectComesBeforeTheReportOfTheScope(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("tenant", "")
	f := run(t, func(f *fake) {
		scopetest.With(f, key.Bind("acme"))
		logtest.Capture(f).Expect(slog.LevelInfo, "paid")
	})
	assert.Contains(t, strings.Join(f.logs, "\n"), `scopetest: scope "TestFake"`)
}

func TestATestThatLogsWhatItShouldPasses(t *testing.T) {
	t.Parallel()
	f := run(t, func(f *fake) {
		captured := logtest.Capture(f)
		captured.Never(slog.LevelError)
		captured.Expect(slog.LevelInfo, "paid")
		inTest(f, func(context.Context) { slog.Info("paid", "order", 7) })
	})
	assert.Empty(t, f.failures)
	assert.Regexp(t, `^INFO paid order=7 \(logtest_test.go:\d+\)\n$`, f.output.String(), "for package testing to show")
}

func TestLevelLeavesRecordsOut(t *testing.T) {
	t.Parallel()
	all, some := run(t, logLevels), run(t, func(f *fake) {
		logtest.Capture(f, logtest.Level(slog.LevelWarn))
		logLevels(f)
	})
	assert.Regexp(t, `(?s)^DEBUG-4 a.*DEBUG b.*ERROR c.*$`, all.output.String())
	assert.Regexp(t, `^ERROR c \(.*\)\n$`, some.output.String())
}

func logLevels(f *fake) {
	logtest.Capture(f)
	inTest(f, func(ctx context.Context) {
		slog.Log(ctx, slog.LevelDebug-4, "a")
		slog.Debug("b")
		slog.Error("c")
	})
}

func TestASecondCaptureIsTheFirst(t *testing.T) {
	t.Parallel()
	captured := logtest.Capture(t)
	assert.Same(t, captured, logtest.Capture(t))
	t.Run("subtest", func(t *testing.T) {
		assert.NotSame(t, captured, logtest.Capture(t))
		inTest(t, func(context.Context) { slog.Info("inner") })
	})
	assert.Empty(t, captured.Records())
}

// Package testing panics for a test that logs when it is over.
func TestARecordFromAfterTheTestGoesToTheFallback(t *testing.T) {
	t.Parallel()
	var (
		captured *logtest.Log
		ctx      context.Context
		over     = make(chan struct{})
		done     = make(chan struct{})
		message  = t.Name()
	)
	t.Run("short", func(t *testing.T) {
		t.Cleanup(func() { slog.InfoContext(ctx, message+" in an earlier cleanup") })
		scopetest.Context(t)
		t.Cleanup(func() { slog.InfoContext(ctx, message+" in a cleanup between") })
		captured = logtest.Capture(t)
		ctx = scopetest.Context(t)
		t.Cleanup(func() { slog.InfoContext(ctx, message+" in a later cleanup") })
		scope.Go(ctx, func(ctx context.Context) {
			defer close(done)
			<-over
			slog.InfoContext(ctx, message, "by", "slog")
			log.Print(message + " by log")
		})
	})
	close(over)
	<-done
	require.Len(t, captured.Records(), 1)
	assert.Equal(t, message+" in a later cleanup", captured.Records()[0].Message)
	for _, line := range []string{" in an earlier cleanup", " in a cleanup between", " by=slog", " by log"} {
		assert.Contains(t, unrouted.String(), message+line+"\n")
	}
}

// It ends while others log, who must not fail it.
func TestATestMayEndWhileOthersLog(t *testing.T) {
	t.Parallel()
	for i := range 50 {
		done := make(chan struct{})
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			logtest.Capture(t)
			started := make(chan struct{})
			scope.Go(scopetest.Context(t), func(context.Context) {
				defer close(done)
				for i := range 100 {
					slog.Info("message", "i", i)
					if i == 10 {
						close(started)
					}
				}
			})
			<-started
		})
		<-done
	}
}

func TestCaptureWorksInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		captured := logtest.Capture(t)
		captured.Expect(slog.LevelInfo, "later")
		start := time.Now()
		scope.Go(scopetest.Context(t), func(context.Context) {
			time.Sleep(time.Hour)
			slog.Info("later")
		})
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		assert.Equal(t, time.Hour, captured.Records()[0].Time.Sub(start))
	})
}

func TestCaptureRoutesALoggerOfTheProgramsOwn(t *testing.T) {
	t.Parallel()
	captured := logtest.Capture(t)
	own := slog.New(logx.Handler(slog.DiscardHandler))
	own.DebugContext(scopetest.Context(t), "message")
	assert.Len(t, captured.Find(slog.LevelDebug, "message"), 1)
}

// Package slog's own tests of handlers.
func TestCapturePassesSlogtest(t *testing.T) {
	t.Parallel()
	var captured *logtest.Log
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		captured = logtest.Capture(t)
		return in{scopetest.Context(t), slog.Default().Handler()}
	}, func(t *testing.T) map[string]any {
		return nested(captured.Records()[0])
	})
}
