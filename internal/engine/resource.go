package engine

import (
	"context"
	"sync"
)

// A Resource is a scope.Resource.
type Resource[T any] struct {
	open    func() T
	close   func(T)
	process func() T
}

// NewResource returns a resource that open makes and close, which may be nil,
// disposes of.
func NewResource[T any](open func() T, close func(T)) *Resource[T] {
	return &Resource[T]{open: open, close: close, process: sync.OnceValue(open)}
}

// Get returns the one that belongs to the nearest live scope with a lifetime.
func (r *Resource[T]) Get(ctx context.Context) T {
	s := current(ctx)
	for l := s.lifetime(); l != nil; l = l.parent {
		if v, ok := r.of(l); ok {
			return v
		}
	}
	return r.process()
}

// of returns the lifetime's, and false if that has ended.
func (r *Resource[T]) of(l *lifetime) (v T, ok bool) {
	l.mu.Lock()
	if l.ended.Load() {
		l.mu.Unlock()
		return v, false
	}
	var get func() T
	for i := range l.owned {
		if l.owned[i].resource == any(r) {
			get = l.owned[i].get.(func() T)
		}
	}
	if get == nil {
		opened := false
		get = sync.OnceValue(func() T {
			v := r.open()
			opened = true
			return v
		})
		l.own(owned{r, get, func() {
			defer func() {
				if !opened {
					_ = recover() // open's panic, which went to the caller of Get
				}
			}()
			if v := get(); r.close != nil {
				r.close(v)
			}
		}})
	}
	l.mu.Unlock()
	return get(), true
}

// owned is a resource that a lifetime has opened: its get is sync.OnceValue's.
type owned struct {
	resource any // *Resource[T]
	get      any // func() T
	close    func()
}
