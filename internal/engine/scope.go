package engine

import (
	"context"

	"github.com/scopetree/scope/internal/carrier"
)

// With returns ctx with a scope that has the bindings b over those of the scope that
// decides for ctx.
func With(ctx context.Context, b []Binding) context.Context {
	base := current(ctx)
	return newNode(ctx, base, base.lifetime(), b)
}

// Value returns a key's value in the scope that decides for ctx, or else its default.
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

// Lookup is [Value] for a caller that must tell a bound value from a default. If no scope
// binds the key, ok is false.
func Lookup(ctx context.Context, k *Key) (v any, ok bool) {
	if b := current(ctx).alive().find(k); b != nil {
		return b.reveal(), true
	}
	return nil, false
}

// Look returns a key's value in the scope that decides for ctx, or an error if that scope
// has ended. It does the work of scope.Get and scope.Err with one search.
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

// A scope is an immutable snapshot of bindings. In a test it stands on the test's live
// scope, and has only the bindings above that. A nil scope binds nothing.
type scope struct {
	life   *lifetime // nil if the scope never ends
	recent []Binding // a few bindings, which shadow those of the table
	table  *table
}

// A search compares recent bindings one by one, and hashes into the table. So a small
// scope is one allocation, and a large one costs no more to read.
const (
	MaxAlone  = 8 // most recent bindings of a scope without a table
	maxRecent = 4 // most recent bindings of a scope with a table
)

// most returns how many recent bindings the scope, or a scope made from it, may have.
func (s *scope) most() int {
	if s.table == nil {
		return MaxAlone
	}
	return maxRecent
}

// find returns the key's binding in the scope, or else in the live scope that it stands
// on. It returns nil if neither binds the key.
func (s *scope) find(k *Key) *Binding {
	if s == nil {
		return nil
	}
	for i := range s.recent { // without calling index, because this is the hot path
		if s.recent[i].key == k {
			return &s.recent[i]
		}
	}
	return s.beyond(k)
}

// beyond is find for a key that is not among the recent bindings.
func (s *scope) beyond(k *Key) *Binding {
	if e := s.table.find(k); e != nil || s.life == nil {
		return e
	}
	return s.life.live.find(k)
}

// own is find without the live scope that s stands on.
func (s *scope) own(k *Key) *Binding {
	if s == nil {
		return nil
	}
	if i := index(s.recent, k); i >= 0 {
		return &s.recent[i]
	}
	return s.table.find(k)
}

// alive returns the scope, or its nearest live ancestor if it has ended. The result may be
// nil.
func (s *scope) alive() *scope {
	if s != nil && s.ended() {
		return s.life.ancestor()
	}
	return s
}

func (s *scope) ended() bool { return s.life != nil && s.life.ended.Load() }

// lifetime returns the lifetime that ends the scope, or nil if none does.
func (s *scope) lifetime() *lifetime {
	if s == nil {
		return nil
	}
	return s.life
}

// current returns the scope that decides for ctx: the scope that ctx carries, or else the
// goroutine's. It may be nil, and it may have ended.
func current(ctx context.Context) *scope {
	if n := nodeOf(ctx); n != nil {
		return &n.scope
	}
	return ambient()
}

// ambient returns the goroutine's scope, or nil if it is bound to none.
func ambient() *scope { return tagged(carrier.Current()) }
