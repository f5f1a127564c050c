package engine

import (
	"context"

	"github.com/scopetree/scope/internal/carrier"
)

// Capture returns ctx carrying the scope that decides for it, or ctx itself if
// there is no scope.
func Capture(ctx context.Context) context.Context {
	if nodeOf(ctx) != nil {
		return ctx
	}
	t := carrier.Current()
	s := tagged(t)
	if s == nil {
		return ctx
	}
	n := &node{Context: ctx, scope: *s}
	n.tag.Store(t)
	return n
}

// Detach returns ctx with an explicit empty scope.
func Detach(ctx context.Context) context.Context {
	nodeOf(ctx) // panics if ctx is nil
	return newNode(ctx, nil, nil, nil)
}

// Carries reports whether ctx carries a scope. An empty scope counts.
func Carries(ctx context.Context) bool { return nodeOf(ctx) != nil }

// tagged returns the scope that is a tag's payload, or nil for a nil tag.
func tagged(t *carrier.Tag) *scope {
	if t == nil {
		return nil
	}
	return carrier.Payload[scope](t)
}

// Enter returns ctx carrying the scope that decides for it, and the tag that binds a
// goroutine to that scope. The tag is nil for a scope that binds nothing and never
// ends, which is the same as no scope.
//
// If there is a scope, the returned context is itself a node. A context that pprof.Do
// made has the calling goroutine's tag among its labels, and only a node above that
// context can answer with the new tag.
func Enter(ctx context.Context) (context.Context, *carrier.Tag) {
	ctx = Capture(ctx)
	n := nodeOf(ctx)
	if n == nil {
		return ctx, nil
	}
	t := n.bound()
	if _, ok := ctx.(*node); ok {
		return ctx, t
	}
	top := &node{Context: ctx, scope: n.scope}
	top.tag.Store(t)
	return top, t
}

// bound returns the node's tag, which it makes at the first call.
func (n *node) bound() *carrier.Tag {
	if t := n.tag.Load(); t != nil {
		return t
	}
	s := n.scope
	if s.life == nil && len(s.recent) == 0 && s.table == nil {
		return nil
	}
	// Copy the bindings, so that a goroutine doesn't keep the node's context alive.
	s.recent = append([]Binding(nil), s.recent...)
	t := carrier.NewTag(s.life.label(), &s)
	if s.life != nil {
		s.life.hold(t)
	}
	if !n.tag.CompareAndSwap(nil, t) {
		return n.tag.Load()
	}
	return t
}

// Identity returns the tag of the scope that decides for ctx. All goroutines and
// contexts that have this scope have this tag. The tag keeps the scope alive until the
// scope ends. It keeps no context alive. The tag of a scope that binds nothing is nil.
func Identity(ctx context.Context) *carrier.Tag {
	if n := nodeOf(Capture(ctx)); n != nil {
		return n.bound()
	}
	return nil
}

// Carry returns ctx with the scope that decides for from. If there is none, the
// result has an empty scope.
func Carry(ctx, from context.Context) context.Context {
	if t := Identity(from); t != nil {
		return carrying(ctx, t)
	}
	return Detach(ctx)
}

// carrying returns ctx with the scope that is a tag's payload. The payload is a copy,
// which keeps no node and no context alive.
func carrying(ctx context.Context, t *carrier.Tag) context.Context {
	if outer, ok := ctx.(*node); ok {
		ctx = outer.Context
	}
	made := &node{Context: ctx, scope: *tagged(t)}
	made.tag.Store(t)
	return made
}
