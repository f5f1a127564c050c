package scopetest_test

import (
	"cmp"
	"fmt"
	"runtime"
	"testing"
)

// A fake is a test that fails, logs and ends for the test around it to see.
// What it does not record it does as that test.
type fake struct {
	testing.TB
	name     string // TestFake, if it is empty
	failure  string
	logs     []string
	cleanups []func()
}

func (f *fake) Helper()           {}
func (f *fake) Name() string      { return cmp.Or(f.name, "TestFake") }
func (f *fake) Cleanup(c func())  { f.cleanups = append(f.cleanups, c) }
func (f *fake) Log(args ...any)   { f.logs = append(f.logs, fmt.Sprint(args...)) }
func (f *fake) Failed() bool      { return f.failure != "" }
func (f *fake) Fatal(args ...any) { f.fail(fmt.Sprint(args...)) }
func (f *fake) Fatalf(format string, args ...any) {
	f.fail(fmt.Sprintf(format, args...))
}

func (f *fake) fail(text string) {
	f.failure = text
	runtime.Goexit()
}

// run runs a fake test to its end, on a goroutine of its own.
func run(t testing.TB, test func(f *fake)) *fake { return runAs(t, "", test) }

func runAs(t testing.TB, name string, test func(f *fake)) *fake {
	f := &fake{TB: t, name: name}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for len(f.cleanups) > 0 {
				last := len(f.cleanups) - 1
				c := f.cleanups[last]
				f.cleanups = f.cleanups[:last]
				c()
			}
		}()
		test(f)
	}()
	<-done
	return f
}
