package scope

import (
	"context"

	"github.com/scopetree/scope/internal/inside"
)

func init() {
	inside.Identity = identity
	inside.Carry = carry
}

// identity returns the current scope's tag: every goroutine and every context
// that has this scope has this tag.
func identity(ctx context.Context) any {
	if n := nodeOf(Capture(ctx)); n != nil {
		if t := n.bound(); t != nil {
			return t
		}
	}
	return nil
}

// carry returns ctx with the scope that decides for from.
func carry(ctx, from context.Context) context.Context {
	n := nodeOf(Capture(from))
	if n == nil {
		return Detach(ctx)
	}
	if outer, ok := ctx.(*node); ok {
		ctx = outer.Context
	}
	made := &node{Context: ctx, scope: n.scope}
	made.tag.Store(n.bound())
	return made
}
