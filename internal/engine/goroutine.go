package engine

import (
	"context"

	"github.com/scopetree/scope/internal/carrier"
)

// Capture returns ctx with the scope in it that decides for it, or ctx itself if
// there is none.
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
	nodeOf(ctx) // a nil ctx panics, here as elsewhere
	return newNode(ctx, nil, nil, nil)
}

// Carries says whether ctx carries a scope, be it an empty one.
func Carries(ctx context.Context) bool { return nodeOf(ctx) != nil }

// tagged returns the scope that a tag leads to, nil for no tag.
func tagged(t *carrier.Tag) *scope {
	if t == nil {
		return nil
	}
	return carrier.Payload[scope](t)
}

// Enter returns ctx carrying the current scope, and the tag that binds a
// goroutine to it: nil for the scope that has nothing, never ends, and so is
// the same as none.
//
// The scope is on top: a context that pprof.Do made has the tag of the
// goroutine that called it among its labels, and only what is above it can
// answer with the new one.
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
	// A copy: a goroutine keeps a scope alive, not the contexts around it.
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

// Identity returns the tag of the scope that decides for ctx: every goroutine and
// every context that has this scope has this tag. Who keeps it keeps the scope
// until that ends, and nothing more. It is nil for a scope that binds nothing.
func Identity(ctx context.Context) *carrier.Tag {
	if n := nodeOf(Capture(ctx)); n != nil {
		return n.bound()
	}
	return nil
}

// Carry returns ctx with the scope that decides for from. Where from has none,
// neither has the result, whatever ctx and the goroutine have.
func Carry(ctx, from context.Context) context.Context {
	if t := Identity(from); t != nil {
		return carrying(ctx, t)
	}
	return Detach(ctx)
}

// carrying returns ctx with the scope that a tag leads to. It is the tag's copy:
// that of a node lies beside the contexts around it.
func carrying(ctx context.Context, t *carrier.Tag) context.Context {
	if outer, ok := ctx.(*node); ok {
		ctx = outer.Context
	}
	made := &node{Context: ctx, scope: *tagged(t)}
	made.tag.Store(t)
	return made
}
