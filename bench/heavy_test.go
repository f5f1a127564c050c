package bench_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"testing"

	"github.com/scopetree/scope"
)

var heavy = flag.Bool("heavy", false, "make a million scopes, and a million goroutines: 3 GB")

// TestMemoryOfAMillionScopes prints how much memory the process holds before and after.
func TestMemoryOfAMillionScopes(t *testing.T) {
	if !*heavy {
		t.Skip("heavy")
	}
	key := scope.NewKey("key", 0)
	make := func(n int) {
		for i := range n {
			ctx, end := scope.New(context.Background(), "job")
			scope.Run(scope.Set(ctx, key, i), func(context.Context) {})
			end()
		}
	}
	make(10_000)
	before := resident(t)
	make(1_000_000)
	fmt.Printf("1,000,000 scopes made, bound and ended: RSS %.1f MB before, %.1f MB after\n", before, resident(t))
}

// TestMemoryOfAMillionGoroutines prints how much more a live child costs than a bare
// goroutine.
func TestMemoryOfAMillionGoroutines(t *testing.T) {
	if !*heavy {
		t.Skip("heavy")
	}
	const n = 1_000_000
	ctx := scope.Set(context.Background(), scope.NewKey("key", 0), 1)
	measure := func(spawn func(f func(context.Context))) float64 {
		stop := make(chan struct{})
		var started, ended sync.WaitGroup
		started.Add(n)
		ended.Add(n)
		f := func(context.Context) { started.Done(); <-stop; ended.Done() }
		before := held()
		for range n {
			spawn(f)
		}
		started.Wait()
		after := held()
		close(stop)
		ended.Wait()
		return (after - before) / n
	}
	bare := func(f func(context.Context)) { go f(ctx) }
	bound := func(f func(context.Context)) { scope.Go(ctx, f) }
	measure(bare) // after this, the runtime has goroutines to reuse
	a, b := measure(bare), measure(bound)
	fmt.Printf("bytes per live goroutine: bare %.0f, scope.Go %.0f: %.0f more\n", a, b, b-a)
	scope.Run(ctx, func(context.Context) { b = measure(bound) })
	fmt.Printf("bytes per live goroutine: bare %.0f, scope.Go from a bound goroutine %.0f: %.0f more\n", a, b, b-a)
}

// held returns the bytes of heap and stacks in use.
func held() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// resident returns the process's resident megabytes. It skips the test where the system
// does not report them.
func resident(t *testing.T) float64 {
	t.Helper()
	debug.FreeOSMemory()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	pages, err := strconv.Atoi(string(bytes.Fields(statm)[1]))
	if err != nil {
		t.Fatal(err)
	}
	return float64(pages*os.Getpagesize()) / (1 << 20)
}
