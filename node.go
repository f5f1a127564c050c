package scope

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
	if key == (nodeKey{}) {
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
	if ctx == nil {
		panic("scope: nil context: pass context.Background() or context.TODO()")
	}
	n, _ := ctx.Value(nodeKey{}).(*node)
	return n
}

// newNode returns ctx with a scope that ends with life and has the bindings b
// over the entries of base.
func newNode(ctx context.Context, base *scope, life *lifetime, b []Binding) *node {
	if n, ok := ctx.(*node); ok {
		ctx = n.Context // the new node stands for this one: chains do not grow
	}
	if base == nil {
		base = new(scope)
	}
	var few [maxRecent]entry
	recent := append(few[:0], base.recent...)
	var begun []*keyInfo
	for i := range b {
		e := b[i].entry
		if e.key == nil {
			continue
		}
		e.site = e.site.within(life)
		recent = put(recent, e)
		if c := e.key.collect; c != nil {
			fresh := !slices.Contains(begun, c.into)
			if fresh {
				begun = append(begun, c.into)
			}
			recent = put(recent, c.gather(slices.Clone(recent), base.table, e, fresh))
		}
	}
	if len(recent) > maxRecent {
		return &node{Context: ctx, scope: scope{life, nil, base.table.with(recent)}}
	}
	n, kept := alloc(len(recent))
	copy(kept, recent)
	n.Context, n.scope = ctx, scope{life, kept, base.table}
	return n
}

// put returns list with e in it, in the place of an entry with the same key.
func put(list []entry, e entry) []entry {
	for i := range list {
		if list[i].key == e.key {
			list[i] = e
			return list
		}
	}
	return append(list, e)
}

// alloc returns a node and room for n recent entries, in one allocation.
func alloc(n int) (*node, []entry) {
	switch n {
	case 0:
		return new(node), nil
	case 1:
		m := new(struct {
			node
			room [1]entry
		})
		return &m.node, m.room[:]
	case 2:
		m := new(struct {
			node
			room [2]entry
		})
		return &m.node, m.room[:]
	default:
		m := new(struct {
			node
			room [maxRecent]entry
		})
		return &m.node, m.room[:n]
	}
}
