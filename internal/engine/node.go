package engine

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/scopetree/scope/internal/carrier"
)

// A node is a context that carries a scope. It is also where the tag is kept
// that binds goroutines to that scope, once there is one.
type node struct {
	context.Context
	scope scope
	tag   atomic.Pointer[carrier.Tag]
}

// nodeKey is what a context is asked for its node by.
type nodeKey struct{}

// Value answers for the node itself, and for the profiler labels of a context,
// so that pprof.Do and pprof.SetGoroutineLabels keep the goroutine's binding.
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

// GoString shows no more than String does.
func (n *node) GoString() string { return n.String() }

// nodeOf returns the node that ctx carries, nil if it carries none.
func nodeOf(ctx context.Context) *node {
	if n, ok := ctx.(*node); ok {
		return n
	}
	return nodeBelow(ctx)
}

// nodeBelow is nodeOf for a ctx that is no node itself.
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

// made says that there has been a scope in this process. Before, no context has
// to be asked for one: a program that uses none pays for none.
var made atomic.Bool

// newNode returns ctx with a scope that ends with life and has the bindings b
// over the bindings of base.
func newNode(ctx context.Context, base *scope, life *lifetime, b []Binding) *node {
	if n, ok := ctx.(*node); ok {
		ctx = n.Context // the new node stands for this one: chains do not grow
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

// derive returns a node, with no context, whose scope ends with life and has the
// bindings b over the bindings of base. under is what such a scope stands on, if
// that is live; what is collected is then left for the read. same says that the
// bindings are no nearer than those of base.
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

// room returns how many recent bindings there may be when b is bound over s.
func (s *scope) room(b []Binding) int {
	n := len(s.recent)
	seen := keysOf(s.recent)
	for i := range b {
		switch k := b[i].key; {
		case k == nil:
		case k.collect != nil:
			n += 2 // a binding for what it collects into
		case !seen.may(k) || index(s.recent, k) < 0:
			n++
		}
	}
	return n
}

// A keySet says which keys a list may have: a bit for each, by their hashes.
// It spares most searches.
type keySet uint64

func keysOf(list []Binding) (s keySet) {
	for i := range list {
		s |= 1 << (list[i].key.hash & 63)
	}
	return s
}

func (s keySet) may(k *Key) bool { return s&(1<<(k.hash&63)) != 0 }

// put returns list with a binding more, or in place of that for the same key.
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

// index returns where a key's binding is in list, -1 if it is not.
func index(list []Binding, k *Key) int {
	for i := range list {
		if list[i].key == k {
			return i
		}
	}
	return -1
}

// alloc returns a node and room for n bindings, in one allocation if they are no
// more than the most that the node keeps. The sizes are those of the
// allocator's classes.
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

// roomy is a node with an array of bindings.
type roomy[A any] struct {
	node
	room A
}
