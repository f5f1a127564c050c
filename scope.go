package scope

import (
	"context"

	"github.com/scopetree/scope/internal/carrier"
)

// Set returns a context derived from ctx whose scope has key bound to v. It
// changes nothing else: not ctx, and not the goroutine, so a discarded result
// is a mistake. Pass it to [Get], [Run] or [Go]; in a test, scopetest.Set binds
// the goroutine as well. Where ctx carries no scope, the new one starts from the
// goroutine's.
func Set[T any](ctx context.Context, key *Key[T], v T) context.Context {
	base := current(ctx)
	return newNode(ctx, base, base.lifetime(), []Binding{key.Bind(v)})
}

// With is [Set] for many bindings at once, in one scope. Of two for the same
// key the later one counts.
func With(ctx context.Context, b ...Binding) context.Context {
	base := current(ctx)
	return newNode(ctx, base, base.lifetime(), b)
}

// Get returns key's value in the scope that ctx carries. Where ctx carries
// none, the goroutine's scope answers. Where that scope binds no value, the
// key's default does. An ended scope answers as its nearest live ancestor.
func Get[T any](ctx context.Context, key *Key[T]) T {
	v, _ := valueIn(ctx, &key.info).(T)
	return v
}

// Lookup is [Get] for callers who must tell a bound value from a default. ok
// is true for a bound nil or zero too. Where ok is false, v is the zero T.
func Lookup[T any](ctx context.Context, key *Key[T]) (v T, ok bool) {
	if key == nil {
		panic(nilKey)
	}
	s := current(ctx)
	if e := s.alive().find(&key.info); e != nil {
		v, _ = e.reveal().(T)
		return v, true
	}
	return v, false
}

// A scope is an immutable snapshot of bindings. In a test it stands on the test's
// live scope, and is a snapshot of what lies between. A nil scope binds nothing.
type scope struct {
	life   *lifetime // nil: it ends with the process
	recent []entry   // a few; they shadow the table's
	table  *table
}

// A few entries are compared one by one, more are hashed. So a small scope is
// one allocation, and a large one costs no more to read.
const (
	maxAlone  = 8 // entries of a scope without a table
	maxRecent = 4 // and with one
)

// most returns how many recent entries the scope, or one made from it, may have.
func (s *scope) most() int {
	if s.table == nil {
		return maxAlone
	}
	return maxRecent
}

// valueIn returns a key's value in the scope that decides for ctx.
func valueIn(ctx context.Context, k *keyInfo) any {
	n, ok := ctx.(*node)
	if !ok {
		if n = nodeBelow(ctx); n == nil {
			return k.ambient()
		}
	}
	s := &n.scope
	if s.ended() {
		s = s.life.ancestor()
	}
	if e := s.find(k); e != nil {
		return e.reveal()
	}
	return k.fallback()
}

// find returns the key's entry, nil if neither the scope nor a live one that it
// stands on binds any.
func (s *scope) find(k *keyInfo) *entry {
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

// beyond is find for what is not among the recent entries.
func (s *scope) beyond(k *keyInfo) *entry {
	if e := s.table.find(k); e != nil || s.life == nil {
		return e
	}
	return s.life.live.find(k)
}

// own is find for what the scope has itself.
func (s *scope) own(k *keyInfo) *entry {
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
