// Package noscope has routes for requests that are sent in no scope at all. A fake of
// package httpxtest adds one as long as it is open. Without it, a goroutine that has
// lost its test's scope would reach the real host that the test has a fake for.
package noscope

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/scopetree/scope"
)

var (
	mu    sync.Mutex // guards bound
	bound []*scope.Binding
	now   atomic.Pointer[context.Context]
)

// Add adds a route until remove is called. Of two routes for one host the later one
// counts.
func Add(b scope.Binding) (remove func()) {
	added := &b
	change(func() { bound = append(bound, added) })
	return sync.OnceFunc(func() {
		change(func() {
			for i, b := range bound {
				if b == added {
					bound = append(bound[:i:i], bound[i+1:]...)
					return
				}
			}
		})
	})
}

func change(f func()) {
	mu.Lock()
	defer mu.Unlock()
	f()
	if len(bound) == 0 {
		now.Store(nil)
		return
	}
	list := make([]scope.Binding, len(bound))
	for i, b := range bound {
		list[i] = *b
	}
	ctx := scope.With(scope.Detach(context.Background()), list...)
	now.Store(&ctx)
}

// Context returns a context whose scope has the routes. It returns false if there are
// none.
func Context() (context.Context, bool) {
	if ctx := now.Load(); ctx != nil {
		return *ctx, true
	}
	return nil, false
}
