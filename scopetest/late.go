package scopetest

import (
	"context"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"weak"
)

// A goroutine may outlive its test, and then call this package with it. It must get the
// scope that has ended, because nothing would end a new one. So this file keeps the scopes
// of tests that have ended, each until the garbage collector frees its test.
//
// A test may also call this package after its scope has ended, but before the test is
// over: in a cleanup that it registered before its first call. It gets a new scope, which
// ends with that cleanup. A benchmark has a new scope for each run.

// over has a past for each *testing.T whose scope has ended.
var over sync.Map // weak.Pointer[testing.T] → past

// A past has what remains of a test's state. It must not refer to the test.
type past struct {
	ctx    context.Context
	output uintptr
}

// keep keeps what remains of s.
func (s *state) keep() {
	t, ok := s.t.(*testing.T)
	if !ok {
		return
	}
	key := weak.Make(t)
	if _, again := over.Swap(key, past{s.ctx, output(t)}); !again {
		runtime.AddCleanup(t, func(key weak.Pointer[testing.T]) { over.Delete(key) }, key)
	}
}

// late returns a state with the scope that t had, if t is over. It binds nothing.
func late(tb testing.TB) (*state, bool) {
	t, ok := tb.(*testing.T)
	if !ok {
		return nil, false
	}
	kept, ok := over.Load(weak.Make(t))
	if !ok || output(t) == kept.(past).output {
		return nil, false
	}
	return &state{t: t, ctx: kept.(past).ctx}, true
}

// output returns the address of the writer that t.Output returns. When t is over, that is
// its parent's, or there is none and Output panics.
func output(t *testing.T) (address uintptr) {
	defer func() { recover() }()
	return reflect.ValueOf(t.Output()).Pointer()
}
