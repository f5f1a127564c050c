package engine

import (
	"context"

	"github.com/scopetree/scope/internal/carrier"
)

// With returns ctx with the scope that decides for it and the bindings b over
// that.
func With(ctx context.Context, b []Binding) context.Context {
	base := current(ctx)
	return newNode(ctx, base, base.lifetime(), b)
}

// Value returns a key's value in the scope that decides for ctx, else its
// default.
func Value(ctx context.Context, r *KeyRef) any {
	k := &r.k
	n, ok := ctx.(*node)
	if !ok {
		if n = nodeBelow(ctx); n == nil {
			return Ambient(r)
		}
	}
	s := &n.scope
	if s.ended() {
		s = s.life.ancestor()
	}
	if b := s.find(k); b != nil {
		return b.reveal()
	}
	return k.Default()
}

// Lookup is [Value] for a caller who must tell a bound value from a default.
func Lookup(ctx context.Context, k *Key) (v any, ok bool) {
	if b := current(ctx).alive().find(k); b != nil {
		return b.reveal(), true
	}
	return nil, false
}

// Look returns a key's value in the scope that decides for ctx, and an error if
// that scope has ended: what scope.Get and scope.Err say, in one search.
func Look[T any](ctx context.Context, key Typed[T]) (v T, err error) {
	s := current(ctx)
	if s != nil && s.ended() {
		return v, s.life.err()
	}
	k := Of(key)
	if b := s.find(k); b != nil {
		v, _ = b.reveal().(T)
	} else {
		v, _ = k.Default().(T)
	}
	return v, nil
}

// A scope is an immutable snapshot of bindings. In a test it stands on the test's
// live scope, and is a snapshot of what lies between. A nil scope binds nothing.
type scope struct {
	life   *lifetime // nil: it ends with the process
	recent []Binding // a few; they shadow the table's
	table  *table
}

// A few bindings are compared one by one, more are hashed. So a small scope is
// one allocation, and a large one costs no more to read.
const (
	MaxAlone  = 8 // bindings of a scope without a table
	maxRecent = 4 // and with one
)

// most returns how many recent bindings the scope, or one made from it, may have.
func (s *scope) most() int {
	if s.table == nil {
		return MaxAlone
	}
	return maxRecent
}

// find returns the key's binding, nil if neither the scope nor a live one that it
// stands on binds any.
func (s *scope) find(k *Key) *Binding {
	if s == nil {
		return nil
	}
	for i := range s.recent { // and not index: this is the hot path
		if s.recent[i].key == k {
			return &s.recent[i]
		}
	}
	return s.beyond(k)
}

// beyond is find for what is not among the recent bindings.
func (s *scope) beyond(k *Key) *Binding {
	if e := s.table.find(k); e != nil || s.life == nil {
		return e
	}
	return s.life.live.find(k)
}

// own is find for what the scope has itself.
func (s *scope) own(k *Key) *Binding {
	if s == nil {
		return nil
	}
	if i := index(s.recent, k); i >= 0 {
		return &s.recent[i]
	}
	return s.table.find(k)
}

// alive returns the scope, or its nearest live ancestor once it has ended,
// which may be nil.
func (s *scope) alive() *scope {
	if s != nil && s.ended() {
		return s.life.ancestor()
	}
	return s
}

func (s *scope) ended() bool { return s.life != nil && s.life.ended.Load() }

// lifetime returns the lifetime that ends the scope, nil if none does.
func (s *scope) lifetime() *lifetime {
	if s == nil {
		return nil
	}
	return s.life
}

// current returns the scope that decides for ctx: the one that it carries, else
// the goroutine's. It may be nil, and it may have ended.
func current(ctx context.Context) *scope {
	if n := nodeOf(ctx); n != nil {
		return &n.scope
	}
	return ambient()
}

// ambient returns the goroutine's scope, nil if it is bound to none.
func ambient() *scope { return tagged(carrier.Current()) }
