package clients

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// A rehearsal is a test that may fail without failing the test that runs it. It
// is for one goroutine. It overrides the methods that package httpxtest calls
// when nothing but an expectation fails.
type rehearsal struct {
	testing.TB // nil, so a call of any other method panics

	ctx      context.Context
	cleanups []func()
	failed   bool
	text     string // the output of the test
}

// rehearse runs a test and its cleanups on a goroutine of their own, so that
// the test's binding ends with that goroutine.
func rehearse(t *testing.T, test func(t testing.TB)) *rehearsal {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	defer cancel()
	r := &rehearsal{ctx: ctx}
	var done sync.WaitGroup
	done.Go(func() {
		test(r)
		cancel()
		for i := len(r.cleanups) - 1; i >= 0; i-- {
			r.cleanups[i]()
		}
	})
	done.Wait()
	return r
}

func (r *rehearsal) Name() string             { return "TestBackup" }
func (r *rehearsal) Helper()                  {}
func (r *rehearsal) Failed() bool             { return r.failed }
func (r *rehearsal) Context() context.Context { return r.ctx }
func (r *rehearsal) Cleanup(clean func())     { r.cleanups = append(r.cleanups, clean) }
func (r *rehearsal) Log(args ...any)          { r.text += fmt.Sprintln(args...) }

func (r *rehearsal) Logf(format string, args ...any) { r.Log(fmt.Sprintf(format, args...)) }

func (r *rehearsal) Error(args ...any) {
	r.failed = true
	r.Log(strings.TrimSuffix(fmt.Sprint(args...), "\n"))
}

func (r *rehearsal) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }
