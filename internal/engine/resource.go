package engine

import (
	"context"
	"sync"

	"github.com/scopetree/scope/internal/carrier"
)

// A Resource is a scope.Resource.
type Resource[T any] struct {
	open    func() T
	close   func(T)
	process opening[T]
}

// NewResource returns a resource that open makes and close, which may be nil,
// disposes of.
func NewResource[T any](open func() T, close func(T)) *Resource[T] {
	return &Resource[T]{open: open, close: close}
}

// Get returns the one that belongs to the nearest live scope with a lifetime.
func (r *Resource[T]) Get(ctx context.Context) T {
	s := current(ctx)
	for l := s.lifetime(); l != nil; l = l.parent {
		if o := r.of(l); o != nil {
			if v, ok := o.get(ctx, false, r.open); ok {
				return v
			}
		}
	}
	v, _ := r.process.get(ctx, true, r.open)
	return v
}

// of returns the lifetime's, or nil if that has ended.
func (r *Resource[T]) of(l *lifetime) *opening[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended.Load() {
		return nil
	}
	for i := range l.owned {
		if l.owned[i].resource == any(r) {
			return l.owned[i].opening.(*opening[T])
		}
	}
	o := &opening[T]{life: l}
	l.own(owned{r, o, func() {
		o.once.Do(func() {}) // waits for an open that is under way, and allows no later one
		if o.done && r.close != nil {
			r.close(o.thing)
		}
	}})
	return o
}

// An opening is a thing that is opened once.
type opening[T any] struct {
	life   *lifetime // nil for the process
	once   sync.Once
	thing  T
	done   bool // open returned
	failed any  // what open panicked with
}

// get returns the thing, and false if its scope has ended before. The first call opens
// it, on this goroutine, in the scope that decides for ctx, or in no scope if detached is
// true.
func (o *opening[T]) get(ctx context.Context, detached bool, open func() T) (thing T, ok bool) {
	o.once.Do(func() {
		defer func() {
			if o.done {
				return
			}
			if o.failed = recover(); o.failed != nil {
				panic(o.failed)
			}
			o.failed = "scope: the open function of this Resource exited its goroutine before" // now it goes on exiting
		}()
		if detached {
			ctx = Detach(ctx)
		}
		ctx, t := Enter(ctx)
		carrier.InUse().Run(t, ctx, func(context.Context) { o.thing = open() })
		o.done = true
		o.life.opened(o)
	})
	if o.failed != nil {
		panic(o.failed)
	}
	return o.thing, o.done
}

// owned is a resource that a lifetime has, or is about to open.
type owned struct {
	resource any // *Resource[T]
	opening  any // *opening[T]
	close    func()
}
