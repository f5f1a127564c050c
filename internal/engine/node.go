package engine

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/scopetree/scope/internal/carrier"
)

// A node is a context that carries a scope. It also has the tag that binds goroutines to
// that scope, from the first time that it is needed.
type node struct {
	context.Context
	scope scope
	tag   atomic.Pointer[carrier.Tag]
}

// nodeKey is the key for which a context returns its node.
type nodeKey struct{}

// Value returns the node itself for nodeKey. For the key of profiler labels, it returns
// labels with the goroutine's tag, so that pprof.Do and pprof.SetGoroutineLabels keep the
// goroutine's binding.
func (n *node) Value(key any) any {
	if _, ok := key.(nodeKey); ok {
		return n
	}
	if set, ok := carrier.Labels(n.Context, key); ok {
		return set
	}
	return n.Context.Value(key)
}

// String names the node among its parents when package context prints them.
func (n *node) String() string { return "scope(" + n.scope.life.label() + ")" }

// GoString returns what String does, so that %#v shows no values.
func (n *node) GoString() string { return n.String() }

// nodeOf returns the node that ctx carries, or nil if it carries none.
func nodeOf(ctx context.Context) *node {
	if n, ok := ctx.(*node); ok {
		return n
	}
	return nodeBelow(ctx)
}

// nodeBelow is nodeOf for a ctx that is not itself a node.
func nodeBelow(ctx context.Context) *node {
	if ctx == nil {
		panic("scope: nil context: pass context.Background() or context.TODO()")
	}
	if !made.Load() {
		return nil
	}
	n, _ := ctx.Value(nodeKey{}).(*node)
	return n
}

// made is true once a scope was made in this process. Before that, nodeBelow need not
// search a context.
var made atomic.Bool

// newNode returns ctx with a scope that ends with life and has the bindings b
// over the bindings of base.
func newNode(ctx context.Context, base *scope, life *lifetime, b []Binding) *node {
	if n, ok := ctx.(*node); ok {
		ctx = n.Context // the new node replaces this one, so chains don't grow
	}
	if base == nil {
		base = &none
	}
	if !made.Load() {
		made.Store(true)
	}
	var under *scope
	if l := life.nearestLive(); l != nil {
		under = &l.empty
		b = placed(b)
	}
	n := base.derive(life, under, b, false)
	n.Context = ctx
	n.scope.track()
	return n
}

// derive returns a node without a context. Its scope ends with life, and has the bindings
// b over the bindings of base. under is not nil if the scope stands on a live one. Then
// collected values are computed when they are read. If same is true, the bindings belong
// to base itself, and are no nearer than its own.
func (base *scope) derive(life *lifetime, under *scope, b []Binding, same bool) *node {
	n, recent := alloc(base.room(b), base.most())
	recent = append(recent, base.recent...)
	seen := keysOf(recent)
	var begun []*Key
	for i := range b {
		k := b[i].key
		if k == nil {
			continue
		}
		e := Binding{k, b[i].value, b[i].site.within(life)}
		recent = seen.put(recent, e)
		if c := k.collect; c != nil {
			soFar := (&scope{recent: slices.Clone(recent), table: base.table}).own(c.into)
			fresh := !slices.Contains(begun, c.into) && !(same && soFar != nil)
			begun = append(begun, c.into)
			recent = seen.put(recent, Binding{c.into, c.gather(soFar, step{b[i], fresh}, under), e.site})
		}
	}
	n.scope.life = life
	if len(recent) > base.most() {
		n.scope.table = base.table.with(recent)
	} else {
		n.scope.recent, n.scope.table = recent, base.table
	}
	return n
}

// none is the scope that binds nothing.
var none scope

// room returns the largest number of recent bindings that b over s can make.
func (s *scope) room(b []Binding) int {
	n := len(s.recent)
	seen := keysOf(s.recent)
	for i := range b {
		switch k := b[i].key; {
		case k == nil:
		case k.collect != nil:
			n += 2 // one more for the key that k is collected into
		case !seen.may(k) || index(s.recent, k) < 0:
			n++
		}
	}
	return n
}

// A keySet is a bit set of the hashes of a list's keys. It tells quickly that a list does
// not have a key, which saves most searches.
type keySet uint64

func keysOf(list []Binding) (s keySet) {
	for i := range list {
		s |= 1 << (list[i].key.hash & 63)
	}
	return s
}

func (s keySet) may(k *Key) bool { return s&(1<<(k.hash&63)) != 0 }

// put returns list with e added, or with e in place of the binding of the same key.
func (s *keySet) put(list []Binding, e Binding) []Binding {
	if s.may(e.key) {
		if i := index(list, e.key); i >= 0 {
			list[i] = e
			return list
		}
	}
	*s |= 1 << (e.key.hash & 63)
	return append(list, e)
}

// index returns the index of a key's binding in list, or -1.
func index(list []Binding, k *Key) int {
	for i := range list {
		if list[i].key == k {
			return i
		}
	}
	return -1
}

// alloc returns a node and room for n bindings. If n is at most most, they are one
// allocation. The sizes are the allocator's size classes.
func alloc(n, most int) (*node, []Binding) {
	switch {
	case n > most:
		return new(node), make([]Binding, 0, n)
	case n == 0:
		return new(node), nil
	case n == 1:
		m := new(roomy[[1]Binding])
		return &m.node, m.room[:0]
	case n == 2:
		m := new(roomy[[2]Binding])
		return &m.node, m.room[:0]
	case n <= 4:
		m := new(roomy[[4]Binding])
		return &m.node, m.room[:0]
	case n <= 6:
		m := new(roomy[[6]Binding])
		return &m.node, m.room[:0]
	}
	m := new(roomy[[MaxAlone]Binding])
	return &m.node, m.room[:0]
}

// A roomy is a node with an array of bindings.
type roomy[A any] struct {
	node
	room A
}
