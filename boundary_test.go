package scope_test

import (
	"context"
	"iter"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// Which goroutine's scope the code sees that runs across a boundary: A started
// or created something, B uses it, and neither passes a context. A failure
// here means that a Go release has moved one: the README has the same table.
//
// errgroup and singleflight are in the module conformance, which has
// golang.org/x/sync.
var boundaries = []struct {
	what        string
	labels, gls string
	read        func(t *testing.T, a, b context.Context) string
}{
	{"go", "A", "none", started(plainGo)},
	{"a grandchild", "A", "none", started(func(f func()) { go func() { go f() }() })},
	{"WaitGroup.Go", "A", "none", started(new(sync.WaitGroup).Go)},
	{"LockOSThread", "A", "none", started(lockedGo)},
	{"go in a synctest bubble", "A", "none", goInBubble},

	{"t.Run", "A", "none", subtest(func(_ *testing.T, read func()) { read() })},
	{"t.Run of a parallel subtest", "A", "none", subtest(func(t *testing.T, read func()) { t.Parallel(); read() })},
	{"t.Cleanup", "A", "none", subtest(func(t *testing.T, read func()) { t.Cleanup(read) })},
	{"testing.Benchmark", "A", "none", benchmark},
	{"RunParallel", "A", "none", runParallel},

	{"RoundTrip", "A", "A", roundTrip},
	{"CheckRedirect", "A", "A", checkRedirect},
	{"Transport.Proxy", "A", "A", transportProxy},
	{"GetConn", "A", "A", getConn},
	{"GotConn", "A", "A", gotConn},
	{"sync.Pool.New", "B", "B", poolNew},

	{"DialContext", "A", "none", dialContext},
	{"TLS VerifyConnection", "A", "none", verifyConnection},
	{"DialContext of a request that waited for A's connection", "A", "none", queuedDial},

	{"an HTTP/1 handler", "A", "none", handlerHTTP1},
	{"an HTTP/2 handler", "A", "none", handlerHTTP2},
	{"a TimeoutHandler", "A", "none", handlerTimeout},

	{"Body.Read on A's connection", "A", "none", bodyReadOnReused},
	{"WroteRequest on A's connection", "A", "none", wroteRequestOnReused},
	{"GotFirstResponseByte on A's connection", "A", "none", firstByteOnReused},

	{"iter.Pull", "A", "none", iterPull},
	{"a worker behind sync.Once", "A", "none", onceWorker},
	{"sql's connectionOpener", "A", "none", sqlOpener},

	{"time.AfterFunc", "none", "none", started(func(f func()) { time.AfterFunc(0, f) })},
	{"time.AfterFunc in a synctest bubble", "none", "none", timerInBubble},
	{"runtime.AddCleanup", "none", "none", started(cleanup)},
	{"a finalizer", "none", "none", started(finalizer)},
	{"context.AfterFunc at a deadline", "none", "none", started(afterDeadline)},

	{"context.AfterFunc cancelled by B", "B", "none", afterCancel},
	{"the next request after a handler that did not restore", "A", "none", leakyHandler},

	{"within pprof.Do of a context with no scope", "none", "A", pprofDo},
	{"after pprof.Do of a context with no scope", "none", "A", afterPprofDo},
}

// who says which scope the goroutine is bound to.
var who = scope.NewKey("who", "none")

func TestBoundaries(t *testing.T) {
	t.Parallel()
	a, b := scope.Set(context.Background(), who, "A"), scope.Set(context.Background(), who, "B")
	for _, row := range boundaries {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			want := row.labels
			if !labels() {
				want = row.gls
			}
			assert.Equal(t, want, row.read(t, a, b))
		})
	}
}

// as calls f bound to ctx's scope.
func as(ctx context.Context, f func()) { scope.Run(ctx, func(context.Context) { f() }) }

// started reads where start, called by A, runs its argument.
func started(start func(f func())) func(*testing.T, context.Context, context.Context) string {
	return func(_ *testing.T, a, _ context.Context) (got string) {
		as(a, func() { got = onGoroutine(start, who.Get) })
		return got
	}
}

func lockedGo(f func()) {
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done := make(chan struct{})
		go func() { defer close(done); f() }()
		<-done
	}()
}

func goInBubble(t *testing.T, a, _ context.Context) (got string) {
	as(a, func() {
		synctest.Test(t, func(*testing.T) { got = onGoroutine(plainGo, who.Get) })
	})
	return got
}

func timerInBubble(t *testing.T, a, _ context.Context) (got string) {
	as(a, func() {
		synctest.Test(t, func(*testing.T) {
			got = onGoroutine(func(f func()) { time.AfterFunc(time.Hour, f) }, who.Get)
		})
	})
	return got
}

// subtest reads where body, in a subtest that A starts, calls read.
func subtest(body func(t *testing.T, read func())) func(*testing.T, context.Context, context.Context) string {
	return func(t *testing.T, a, _ context.Context) (got string) {
		as(a, func() {
			t.Run("group", func(t *testing.T) {
				t.Run("subtest", func(t *testing.T) { body(t, func() { got = who.Get() }) })
			})
		})
		return got
	}
}

func benchmark(_ *testing.T, a, _ context.Context) (got string) {
	as(a, func() {
		testing.Benchmark(func(b *testing.B) {
			got = who.Get()
			b.SkipNow() // once is enough
		})
	})
	return got
}

func runParallel(t *testing.T, a, _ context.Context) string {
	got := make(chan string, 2*runtime.GOMAXPROCS(0))
	as(a, func() {
		testing.Benchmark(func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				got <- who.Get()
				for pb.Next() {
				}
			})
			b.SkipNow()
		})
	})
	first := <-got
	for range len(got) {
		require.Equal(t, first, <-got)
	}
	return first
}

func poolNew(_ *testing.T, a, b context.Context) (got string) {
	var pool *sync.Pool
	as(a, func() { pool = &sync.Pool{New: func() any { return who.Get() }} })
	as(b, func() { got = pool.Get().(string) })
	return got
}

func iterPull(_ *testing.T, a, b context.Context) (got string) {
	var next func() (string, bool)
	var stop func()
	as(a, func() {
		next, stop = iter.Pull(func(yield func(string) bool) { yield(who.Get()) })
	})
	defer stop()
	as(b, func() { got, _ = next() })
	return got
}

func onceWorker(t *testing.T, a, b context.Context) (got string) {
	var once sync.Once
	jobs := make(chan chan string)
	t.Cleanup(func() { close(jobs) })
	ask := func() string {
		once.Do(func() {
			go func() {
				for answer := range jobs {
					answer <- who.Get()
				}
			}()
		})
		answer := make(chan string)
		jobs <- answer
		return <-answer
	}
	as(a, func() { ask() })
	as(b, func() { got = ask() })
	return got
}

func cleanup(f func()) {
	done := make(chan struct{})
	runtime.AddCleanup(new([64]byte), func(int) { f(); close(done) }, 0)
	go collects(done)
}

func finalizer(f func()) {
	done := make(chan struct{})
	runtime.SetFinalizer(new([64]byte), func(*[64]byte) { f(); close(done) })
	go collects(done)
}

func afterDeadline(f func()) {
	for timeout := time.Millisecond; ; timeout *= 2 {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		decided, inTime := make(chan struct{}), false
		context.AfterFunc(ctx, func() {
			defer cancel()
			if <-decided; inTime {
				f()
			}
		})
		inTime = ctx.Err() == nil // else A may have called the function itself
		close(decided)
		if inTime {
			return
		}
	}
}

func afterCancel(_ *testing.T, a, b context.Context) string {
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan string, 1)
	as(a, func() { context.AfterFunc(ctx, func() { got <- who.Get() }) })
	as(b, cancel)
	return <-got
}

func pprofDo(_ *testing.T, a, _ context.Context) (got string) {
	as(a, func() {
		pprof.Do(context.Background(), pprof.Labels("user", "1"), func(context.Context) { got = who.Get() })
	})
	return got
}

func afterPprofDo(_ *testing.T, a, _ context.Context) (got string) {
	as(a, func() {
		pprof.Do(context.Background(), pprof.Labels("user", "1"), func(context.Context) {})
		got = who.Get()
	})
	return got
}
