package logtest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"
)

// What is not routed goes to a buffer, which tests look into.
var unrouted = new(buffer)

func TestMain(m *testing.M) {
	log.SetOutput(unrouted)
	log.SetFlags(0)
	goleak.VerifyTestMain(m)
}

// A buffer may be used by many goroutines at once.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// inTest runs f as code under test: with the labels carrier it could be called
// as it is.
func inTest(t testing.TB, f func(context.Context)) { scope.Run(scopetest.Context(t), f) }

// A fake is a test that fails and ends for the test around it to see.
type fake struct {
	testing.TB
	failures []string
	logs     []string
	output   buffer
	cleanups []func()
}

func (f *fake) Helper()           {}
func (f *fake) Name() string      { return "TestFake" }
func (f *fake) Cleanup(c func())  { f.cleanups = append(f.cleanups, c) }
func (f *fake) Failed() bool      { return f.failures != nil }
func (f *fake) Log(args ...any)   { f.logs = append(f.logs, fmt.Sprint(args...)) }
func (f *fake) Output() io.Writer { return &f.output }
func (f *fake) Error(args ...any) { f.failures = append(f.failures, fmt.Sprint(args...)) }
func (f *fake) Errorf(format string, args ...any) {
	f.Error(fmt.Sprintf(format, args...))
}

// run runs a fake test to its end.
func run(t testing.TB, test func(f *fake)) *fake {
	f := &fake{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(f)
		for len(f.cleanups) > 0 {
			last := len(f.cleanups) - 1
			c := f.cleanups[last]
			f.cleanups = f.cleanups[:last]
			c()
		}
	}()
	<-done
	return f
}

// failure returns what a fake test fails with, but for the numbers of lines.
func failure(f *fake) string {
	return regexp.MustCompile(`_test.go:\d+`).ReplaceAllString(strings.Join(f.failures, "\n---\n"), "_test.go:N")
}
