package routing

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// The routes for requests that are sent in no scope. A fake of package httpxtest adds one
// as long as it is open. Without it, a goroutine that has lost its test's scope would
// reach the real host that the test has a fake for.
var (
	mu    sync.Mutex // guards bound
	bound []*scope.Binding
	now   atomic.Pointer[context.Context] // its scope has the routes; nil if there are none
)

// AddUnscoped adds a route for requests in no scope, until remove is called. Of two routes
// for one host the later one counts.
func AddUnscoped(b scope.Binding) (remove func()) {
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

// unscoped returns the routes for requests in no scope, or nil if some scope decides for
// ctx.
func unscoped(ctx context.Context) *Set {
	other := now.Load()
	if other == nil || engine.Identity(ctx) != nil {
		return nil
	}
	s, _ := engine.Look(*other, Key)
	return s
}
