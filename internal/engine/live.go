package engine

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/scopetree/scope/internal/carrier"
)

// A test's scope is live: everything that already has the scope sees what is bound
// in it later. So do the scopes below it, except for the keys that they bind
// themselves. The test's lifetime keeps the bindings in an immutable scope, and the
// next binding replaces that scope. Outside of tests no scope is live. There a
// derived scope has a copy of the bindings around it.

// NewLive is [New] for the live scope of a test, whose full name is test. bind
// adds to what it binds, and all that has the scope already sees that. bind may be
// called from any goroutine, while others read.
//
// A goroutine that has no scope has this one, if the goroutine on which NewLive
// was called had started it, or if package testing has labelled it with the
// test's full name.
func NewLive(ctx context.Context, name, test string) (_ context.Context, bind func([]Binding), end func()) {
	l := newLifetime(name, current(ctx), true)
	n := newNode(ctx, nil, l, nil)
	release := carrier.Claim(test, n.bound())
	return n, l.bind, func() { release(); l.end() }
}

// Named returns ctx with the scope that NewLive made for a test, or for the
// nearest test around it, and false if there is none.
func Named(ctx context.Context, test string) (context.Context, bool) {
	t := carrier.OfTest(test)
	if t == nil {
		return ctx, false
	}
	return carrying(ctx, t), true
}

// Below calls f for each live test's scope below the scope that decides for ctx,
// with its path and with the value that key has there, until f returns false.
func Below[T any](ctx context.Context, key Typed[T], f func(path string, v T) bool) {
	if l := current(ctx).lifetime(); l != nil {
		l.eachBelow(func(l *lifetime) bool {
			b := l.empty.find(Of(key))
			if b == nil {
				return true
			}
			v, _ := b.reveal().(T)
			return f(l.path, v)
		})
	}
}

// eachBelow calls f for the live lifetimes of tests below l, until it returns false.
func (l *lifetime) eachBelow(f func(*lifetime) bool) bool {
	l.mu.Lock()
	children := slices.Collect(l.children.all)
	l.mu.Unlock()
	for _, c := range children {
		if c.live == c && !c.ended.Load() && !f(c) || !c.eachBelow(f) {
			return false
		}
	}
	return true
}

// bind adds bindings to a live scope. All of a test's bindings are in one scope: of
// two for the same key the later one counts, and neither is nearer.
func (l *lifetime) bind(b []Binding) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended.Load() {
		return
	}
	under := l.base.Load()
	if under == nil {
		under = &none // not nil: readers have what was collected before, so it must not be changed
	}
	n := l.content.Load().derive(l, under, b, true)
	l.content.Store(&n.scope)
	l.version.Add(1) // after the content: see layered.value
}

// find returns the key's binding in a live lifetime or in what is around it.
func (l *lifetime) find(k *Key) *Binding {
	for l != nil {
		if e := l.content.Load().own(k); e != nil {
			return e
		}
		base := l.base.Load()
		if e := base.own(k); e != nil {
			return e
		}
		l = base.below()
	}
	return nil
}

// below returns the live lifetime that s stands on, nil outside of tests.
func (s *scope) below() *lifetime { return s.lifetime().nearestLive() }

func (l *lifetime) nearestLive() *lifetime {
	if l == nil {
		return nil
	}
	return l.live
}

// version counts how often the live scopes that s stands on were given bindings.
func (s *scope) version() (n uint64) {
	for l := s.below(); l != nil; l = s.below() {
		n += l.version.Load()
		s = l.base.Load()
	}
	return n
}

// layered is the value of a key that other keys are collected into, in a scope that
// stands on a live one. It has the scope's own bindings, and adds them at each read
// to the value that the live scope has then.
type layered struct {
	into  *Key
	under *scope // what is below: it is asked anew when its version changes
	steps []step
	last  atomic.Pointer[folded]
}

// A step is a binding of a key that is collected. fresh is as [Collect] has it.
type step struct {
	Binding
	fresh bool
}

// folded is what the steps made of the scopes below, when they had a version.
type folded struct {
	version uint64
	value   any // redacted, if the key is
}

// then returns l with a step more. A nil l has none.
func (l *layered) then(s step, under *scope) *layered {
	made := &layered{into: s.key.collect.into, under: under}
	if l != nil {
		made.steps = append(made.steps, l.steps...)
	}
	made.steps = append(made.steps, s)
	return made
}

// value returns what the key's value is now.
func (l *layered) value() any {
	version := l.under.version() // before what it counts, so that a change is never missed
	if f := l.last.Load(); f != nil && f.version == version {
		return f.value
	}
	sum := l.under.find(l.into)
	for i := range l.steps {
		s := &l.steps[i]
		sum = &Binding{key: l.into, value: s.key.collect.add(sum, &s.Binding, s.fresh)}
	}
	l.last.Store(&folded{version, sum.value})
	return sum.value
}
