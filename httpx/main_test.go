package httpx_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx"
)

// uninstall undoes the Install of TestMain. Serial tests of Install call it, and install
// again at their end.
var uninstall func()

func TestMain(m *testing.M) {
	uninstall = httpx.Install()
	stopWorker := startWorker()
	code := m.Run()
	stopWorker()
	uninstall() // closes the idle connections of requests without a scope
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// work has functions for a goroutine that is older than every test, and so inherits no
// scope.
var work = make(chan func())

func startWorker() (stop func()) {
	go func() {
		for f := range work {
			f()
		}
	}()
	return func() { close(work) }
}

// elsewhere runs f on the worker and waits for it. f must not end its goroutine.
func elsewhere(f func()) {
	done := make(chan struct{})
	work <- func() {
		defer close(done)
		f()
	}
	<-done
}
