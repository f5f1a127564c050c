// Package envtest gives each test environment variables of its own.
//
//	func TestCheckout(t *testing.T) {
//		t.Parallel()
//		envtest.Setenv(t, "PAYMENTS_URL", fake.URL)
//		...
//	}
//
// [Setenv] has the shape of t.Setenv, and may be used in parallel tests: what it
// sets is seen through package env, in the goroutines that descend from the
// test, and nowhere else. Code that calls os.Getenv does not see it. It is a
// binding of the test's scope, as those of package scopetest are, and ends with
// the test.
//
// The functions may be called from any goroutine of the test. For a context that
// carries the variables, use scopetest.With(t, env.Bind(name, value)).
package envtest

import (
	"runtime"
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/internal/engine"
	"github.com/scopetree/scope/scopetest"
)

// Setenv sets a variable in the test's scope, for the rest of the test: for all that runs
// in the test, and in its subtests. A later Setenv or [Unsetenv] of the same name replaces
// it. Setenv panics as [env.Set] does. Under the gls carrier it fails the test: pass
// [env.Bind] to scopetest.With there, and call the code under test in [scope.Run].
func Setenv(t testing.TB, name, value string) {
	t.Helper()
	bind(t, "Setenv", name, env.Bind(name, value))
}

// Unsetenv hides a variable in the test's scope. It lasts as long as with [Setenv].
func Unsetenv(t testing.TB, name string) {
	t.Helper()
	bind(t, "Unsetenv", name, env.Hide(name))
}

// bind must be called by an exported function, because it records the line of that
// function's caller.
func bind(t testing.TB, what, name string, b scope.Binding) {
	t.Helper()
	if scope.Carrier() != "labels" {
		t.Fatalf("envtest: %s(%q) can't bind the test's goroutine with the %s carrier: "+
			"pass env.Set's context on, or call the code under test in scope.Run", what, name, scope.Carrier())
	}
	var pc [1]uintptr
	runtime.Callers(3, pc[:])
	engine.Place(&b, pc[0])
	scopetest.With(t, b)
}
