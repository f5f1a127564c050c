// Package scopetest gives each test a scope of its own.
//
//	func TestCheckout(t *testing.T) {
//		t.Parallel()
//		scopetest.Set(t, payments.BaseURL, fake.URL)
//		...
//	}
//
// [Set] has the shape of t.Setenv, and may be used in parallel tests, because
// what it sets is seen by the goroutines that descend from the test and by no
// other. A subtest inherits from its parent, parallel or not. The scope ends
// with the test: what was set stays readable in the cleanups that are
// registered after the first call here, as with t.Setenv, and a goroutine that
// outlives the test reads defaults and gets [scope.ErrEnded].
//
// A test that fails logs what it set, with file and line and without secrets,
// and which of its requests package httpx routed. What it set with package
// httpxtest alone is left to that package's own report:
//
//	scopetest: scope "TestCheckout/card"
//	  payments.base_url = "http://127.0.0.1:1234"  checkout_test.go:12
//	  payments.key = ‹redacted›                    checkout_test.go:13
//	  2 requests routed
//	    GET https://api.pay.test/charge → http://127.0.0.1:1234 (2)
//
// The functions must be called on the test's own goroutine. Another would be
// bound in place of the test's.
package scopetest

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/inside"
)

// Context returns a context that carries the test's scope, derived from
// t.Context(). t.Context() itself carries no scope.
//
// Under the gls carrier a goroutine can't be bound from inside: there the
// context alone carries the scope, and [scope.Run] binds.
func Context(t testing.TB) context.Context {
	t.Helper()
	return of(t).with(nil, caller())
}

// With binds b in the test's scope, for the rest of the test, and returns
// what [Context] does. Of two bindings for the same key the later one counts.
func With(t testing.TB, b ...scope.Binding) context.Context {
	t.Helper()
	return of(t).with(b, caller())
}

// Set binds key to v in the test's scope: for the rest of the test, its
// subtests and the goroutines that they start. A later Set of the same key
// replaces it. Under the gls carrier it fails the test: use [scope.Run].
func Set[T any](t testing.TB, key *scope.Key[T], v T) {
	t.Helper()
	if scope.Carrier() != "labels" {
		t.Fatalf("scopetest: Set(%q) can't bind the test's goroutine with the %s carrier: "+
			"pass scope.Set's context on, or call the code under test in scope.Run", key.Name(), scope.Carrier())
	}
	of(t).with([]scope.Binding{key.Bind(v)}, caller())
}

// SetGlobal changes key's default until the test ends, for the whole process:
// for code that no scope reaches, such as a goroutine started before the test.
// It fails a test that is parallel or has a parallel parent, and a test that
// calls it can't become parallel, as with t.Setenv.
func SetGlobal[T any](t testing.TB, key *scope.Key[T], v T) {
	t.Helper()
	if !serial(t) {
		t.Fatalf("scopetest: SetGlobal(%q) in a parallel test: a default is the whole process's: use scopetest.Set", key.Name())
	}
	t.Cleanup(key.SetDefault(v))
}

// serial makes t a test that can't be parallel, and says whether it could.
// Package testing does that for t.Setenv alone, which panics where it can't.
func serial(t testing.TB) (ok bool) {
	defer func() { ok = recover() == nil }()
	t.Setenv("SCOPETEST_SERIAL", "1")
	return
}

// A state is what this package knows of a running test.
type state struct {
	t        testing.TB
	outer    *state          // of the test around it that has one
	own      context.Context // the test's scope, with no bindings of its own
	bindings []scope.Binding // all that the test was given: they are one scope
	detach   func()

	mu    sync.Mutex      // guards what follows
	given []scope.Binding // what a report lists
	told  int             // how many of them a subtest's report has listed
}

var (
	// states finds a test's state. Parents have theirs at the same time.
	states sync.Map // testing.TB → *state

	// bound is bound in every test's scope, to tell whether the goroutine is
	// bound to it still.
	bound = scope.NewKey[*state]("scopetest.test", nil)
	_     = inside.Hide(bound)
)

// of returns the test's state, which the first call makes.
func of(t testing.TB) *state {
	t.Helper()
	if s, ok := states.Load(t); ok {
		return s.(*state)
	}
	s := &state{t: t}
	ctx := t.Context()
	name := t.Name()
	if s.outer = scope.Get(ctx, bound); s.outer != nil {
		name = strings.TrimPrefix(name, s.outer.t.Name()+"/")
	}
	own, end := scope.New(ctx, name)
	unwatch := inside.Watch(own)
	s.own = own
	s.bindings = []scope.Binding{bound.Bind(s)}
	states.Store(t, s)
	t.Cleanup(func() {
		t.Helper()
		s.check()
		s.report()
		unwatch()
		if s.detach != nil {
			s.detach()
		}
		end()
		states.Delete(t)
	})
	return s
}

// with adds bindings to the test's scope and binds the goroutine to it. All of
// a test's bindings are made in one scope, so that none of them is nearer.
func (s *state) with(b []scope.Binding, from site) context.Context {
	given := len(s.bindings)
	for _, b := range b {
		s.bindings = append(s.bindings, b.At(from.pc))
	}
	if !from.reported {
		s.note(s.bindings[given:])
	}
	ctx := scope.With(s.own, s.bindings...)
	if scope.Carrier() == "labels" {
		detach := scope.Attach(ctx)
		if s.detach == nil {
			s.detach = detach
		}
	}
	return ctx
}

// check tells the user when something took the test's binding away.
func (s *state) check() {
	if s.detach != nil && bound.Get() != s {
		s.t.Helper()
		s.t.Log("scopetest: at its end the test's goroutine was no longer bound to the test's scope: " +
			"New, Set or httpxtest.Mock was called on another goroutine than the test's, " +
			"or a pprof.Do or pprof.SetGoroutineLabels with a context that carries no scope, or with a label named \"scope\", " +
			"replaced the goroutine's labels, " +
			"or a scope.Attach was not detached; what ran after that may have read defaults")
	}
}
