// Package scopetest gives each test a scope of its own.
//
//	func TestCheckout(t *testing.T) {
//		t.Parallel()
//		scopetest.Set(t, payments.BaseURL, fake.URL)
//		...
//	}
//
// [Set] has the shape of t.Setenv. It may be used in parallel tests, because only
// the goroutines that descend from the test see what it sets.
//
// A test has one scope, and the scope is live. What the test sets is seen from
// then on by everything that runs in the test, whenever that was started: by
// servers, goroutines and contexts from before, and by subtests, parallel or not.
// A subtest that calls this package has a scope of its own, inside its parent's. A
// scope that is derived with scope.Set shadows what it binds, and nothing else.
//
// The scope ends with the test. Cleanups that are registered after the first call
// here still read what was set, as with t.Setenv. Earlier ones run after the scope's end.
// Like a goroutine that outlives the test, they read what a test around it has set, or
// else defaults, and get [scope.ErrEnded]. So their requests fail, and reach no real host.
// Register them later, or run them in scope.Detach(ctx) with [scope.Run]. (A benchmark's
// earlier cleanups run in no scope.)
//
// One kind of goroutine is in no scope after the test: one that had started before the
// first call here. It may reach a real host then. httpxtest.Main and dbx.Refuse prevent
// that.
//
// When a test fails, its log shows each value that it set, with file and line and
// without secrets, and which of its requests package httpx routed. Package
// httpxtest reports for itself, so its bindings are left out:
//
//	scopetest: scope "TestCheckout/card"
//	  payments.base_url = "http://127.0.0.1:1234"  checkout_test.go:12
//	  payments.key = ‹redacted›                    checkout_test.go:13
//	  2 requests routed
//	    GET https://api.pay.test/charge → http://127.0.0.1:1234 (2)
//
// All functions may be called from any goroutine of the test. The call binds that
// goroutine to the test's scope, unless it is bound to that scope already, or to one
// inside it. So in a runner that has a goroutine for each hook, such as Ginkgo,
// Context(GinkgoTB()) at the start of a spec is enough. At the end of the test, the
// goroutines that are bound to the scope stay so.
//
// A call after the end of the test binds the goroutine to that scope too, and sets
// nothing. A call in one of the earlier cleanups makes a new scope, for the cleanup.
package scopetest

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/carrier"
	"github.com/scopetree/scope/internal/engine"
	"github.com/scopetree/scope/internal/serial"
)

// Context returns the test's scope as a context, derived from t.Context().
// t.Context() itself carries no scope. The context sees what is set later.
//
// Under the gls carrier a goroutine can't be bound from inside. There only the
// context carries the scope: call the code under test in [scope.Run].
func Context(t testing.TB) context.Context {
	t.Helper()
	s := of(t)
	s.attach()
	return s.ctx
}

// With binds b in the test's scope for the rest of the test, and returns what
// [Context] returns. A later binding of the same key replaces an earlier one. Under the
// gls carrier only the returned context carries them: call the code under test in
// [scope.Run] with it.
func With(t testing.TB, b ...scope.Binding) context.Context {
	t.Helper()
	s := of(t)
	s.attach()
	s.add(b, caller())
	return s.ctx
}

// Set binds key to v in the test's scope for the rest of the test: for all that
// runs in the test, and in its subtests. A later Set of the same key replaces it.
// Under the gls carrier it fails the test, because code with no context would not see the
// value: use [With] and [scope.Run] there.
func Set[T any](t testing.TB, key *scope.Key[T], v T) {
	t.Helper()
	if scope.Carrier() != "labels" {
		t.Fatalf("scopetest: Set(%q) can't bind the test's goroutine with the %s carrier: "+
			"use scopetest.With, and call the code under test in scope.Run with its context", key.Name(), scope.Carrier())
	}
	s := of(t)
	s.attach()
	s.add([]scope.Binding{key.Bind(v)}, caller())
}

// SetGlobal changes key's default for the whole process until the test ends. Use it for
// code that runs in no scope, such as a goroutine that was started before the test. Like
// t.Setenv, it fails a test that is parallel or has a parallel parent, and a test that
// calls it can't become parallel.
func SetGlobal[T any](t testing.TB, key *scope.Key[T], v T) {
	t.Helper()
	if !serial.Claim(t) {
		t.Fatalf("scopetest: SetGlobal(%q) in a parallel test: a default is the whole process's: use scopetest.Set", key.Name())
	}
	t.Cleanup(key.SetDefault(v))
}

// A state is what this package keeps of a running test.
type state struct {
	t         testing.TB
	outer     *state                 // the state of the nearest test around that has one
	ctx       context.Context        // carries the test's scope
	bind      func([]engine.Binding) // nil if the test is over
	goroutine string                 // the goroutine that made the state, usually the test's own
	detach    func()                 // unbinds that goroutine; nil if the carrier can't bind it

	mu    sync.Mutex      // guards the fields below
	given []scope.Binding // bindings for the report
	told  int             // number of these that subtests' reports have listed
}

var (
	// states has the states of running tests.
	states sync.Map // identity → func() *state

	// bound is bound in every test's scope. It tells which test's scope a goroutine has.
	bound = scope.NewKey[*state]("scopetest.test", nil)
)

func init() { engine.Hide(bound) }

// of returns the test's state. The first call makes it.
func of(t testing.TB) *state {
	t.Helper()
	id := identity(t)
	if s, ok := states.Load(id); ok {
		return s.(func() *state)()
	}
	if s, ok := late(t); ok {
		return s
	}
	s, _ := states.LoadOrStore(id, sync.OnceValue(func() *state { return newState(t, id) }))
	return s.(func() *state)()
}

// identity returns a value by which running tests can be compared. It is the testing.TB
// itself, except with Ginkgo, which makes a new one at each call. There it is the name of
// the spec.
func identity(t testing.TB) any {
	typ := reflect.TypeOf(t)
	if typ.Kind() == reflect.Pointer && strings.HasPrefix(typ.Elem().PkgPath(), "github.com/onsi/ginkgo/") {
		return t.Name()
	}
	return t
}

func newState(t testing.TB, id any) *state {
	s := &state{t: t, goroutine: goroutine()}
	ctx := around(t)
	name := t.Name()
	if s.outer = scope.Get(ctx, bound); s.outer != nil {
		name = strings.TrimPrefix(name, s.outer.t.Name()+"/")
	}
	var end func()
	s.ctx, s.bind, end = engine.NewLive(ctx, name, t.Name())
	s.bind(engine.BindingsOf([]scope.Binding{bound.Bind(s)}))
	unwatch := engine.Watch(s.ctx)
	if scope.Carrier() == "labels" {
		s.detach = scope.Attach(s.ctx)
	}
	t.Cleanup(func() {
		t.Helper()
		own := s.detach != nil && goroutine() == s.goroutine
		if own {
			s.check()
		}
		s.report()
		unwatch()
		if own && !hasGoroutine(t) {
			s.detach()
		}
		end()
		s.keep()
		states.Delete(id)
	})
	return s
}

// hasGoroutine reports whether a test has a goroutine for itself. That stays bound to the
// scope that has ended, for earlier cleanups. A benchmark's goroutine has several runs.
func hasGoroutine(t testing.TB) bool {
	switch t.(type) {
	case *testing.T, *testing.F:
		return true
	}
	return false
}

// add binds b in the test's scope.
func (s *state) add(b []scope.Binding, from site) {
	placed := slices.Clone(b)
	for i := range placed {
		engine.Place(&placed[i], from.pc)
	}
	if !from.reported {
		s.note(placed)
	}
	if s.bind != nil {
		s.bind(engine.BindingsOf(placed))
	}
}

// attach binds the goroutine to the test's scope, unless the goroutine has that scope or
// one inside of it already.
func (s *state) attach() {
	if scope.Carrier() != "labels" {
		return
	}
	for o := bound.Get(); o != nil && carrier.Tagged(); o = o.outer {
		if o == s {
			return
		}
	}
	scope.Attach(s.ctx) //scopevet:ignore other goroutines than the test's own stay bound: their scope ends
}

// check tells the user when something took the test's binding away.
func (s *state) check() {
	if bound.Get() != s {
		s.t.Helper()
		s.t.Log("scopetest: at its end the test's goroutine was bound to another scope than the test's: " +
			"a scope.Attach was not detached; what ran after that did not read what the test had set")
	}
}

// goroutine returns the running goroutine's number, as stack traces show it. Its only use
// is to tell the test's goroutine from others.
func goroutine() string {
	var b [40]byte
	number, _, _ := strings.Cut(string(b[:runtime.Stack(b[:], false)]), " [")
	return number
}
