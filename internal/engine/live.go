package engine

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/scopetree/scope/internal/carrier"
)

// A test's scope is live: contexts and goroutines that already have the scope see what
// is bound in it later. So do the scopes below it, except for the keys that they bind
// themselves. The test's lifetime keeps the bindings in an immutable scope, and the
// next binding replaces that scope. Outside of tests no scope is live. There a
// derived scope has a copy of the bindings around it.

// NewLive is [New] for the live scope of a test. test is the test's full name. bind adds
// bindings, which contexts and goroutines that have the scope see at once. bind may be
// called from any goroutine, while others read.
//
// Two kinds of goroutine that have no scope get this one: descendants of the goroutine
// that calls NewLive, and goroutines that package testing has labelled with the test's
// full name.
func NewLive(ctx context.Context, name, test string) (_ context.Context, bind func([]Binding), end func()) {
	l := newLifetime(name, current(ctx).alive(), true)
	l.bubble = carrier.Bubble()
	n := newNode(ctx, nil, l, nil)
	release := carrier.Claim(test, n.bound())
	return n, l.bind, func() { release(); l.end() }
}

// Named returns ctx with the scope that NewLive made for a test, or else for the nearest
// test around it. It returns false if there is none.
func Named(ctx context.Context, test string) (context.Context, bool) {
	t := carrier.OfTest(test)
	if t == nil {
		return ctx, false
	}
	return carrying(ctx, t), true
}

// InItsBubble reports whether the running goroutine is in the same bubble of
// testing/synctest as the test of the scope that decides for ctx. Without such a test it
// must be in none.
func InItsBubble(ctx context.Context) bool {
	id := ""
	if l := current(ctx).lifetime().nearestLive(); l != nil {
		id = l.bubble
	}
	return carrier.InBubble(id)
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

// bind adds bindings to a live scope. Of two bindings for the same key the later one
// counts.
func (l *lifetime) bind(b []Binding) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended.Load() {
		return
	}
	under := l.base.Load()
	if under == nil {
		under = &none // not nil, or derive would change collected values that readers have
	}
	n := l.content.Load().derive(l, under, b, true)
	l.content.Store(&n.scope)
	l.version.Add(1) // after the content: see layered.value
}

// find returns the key's binding in a live lifetime or in a scope around it, or nil if
// there is none.
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

// below returns the live lifetime that s stands on, or nil outside of tests.
func (s *scope) below() *lifetime { return s.lifetime().nearestLive() }

func (l *lifetime) nearestLive() *lifetime {
	if l == nil {
		return nil
	}
	return l.live
}

// version returns how many times bind was called on the live scopes that s stands on.
func (s *scope) version() (n uint64) {
	for l := s.below(); l != nil; l = s.below() {
		n += l.version.Load()
		s = l.base.Load()
	}
	return n
}

// A layered is the value of a key into which other keys are collected, in a scope that
// stands on a live one. It has the scope's own bindings. Each read adds them to the value
// that the live scope has at that time.
type layered struct {
	into  *Key
	under *scope // the live scope; read again when its version has changed
	steps []step
	last  atomic.Pointer[folded]
}

// A step is a binding of a key that is collected. See [Collect] for fresh.
type step struct {
	Binding
	fresh bool
}

// A folded is the value of a layered at a version of the scope under it.
type folded struct {
	version uint64
	value   any // as [Key.redact] returns it
}

// then returns a copy of l with one more step. A nil l has no steps.
func (l *layered) then(s step, under *scope) *layered {
	made := &layered{into: s.key.collect.into, under: under}
	if l != nil {
		made.steps = append(made.steps, l.steps...)
	}
	made.steps = append(made.steps, s)
	return made
}

// value returns the key's current value.
func (l *layered) value() any {
	version := l.under.version() // read before the bindings, so that no change is missed
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
