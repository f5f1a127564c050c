package engine

import "context"

// Parent returns the context under the one that carries a scope.
func Parent(ctx context.Context) context.Context { return ctx.(*node).Context }

// Listed returns how many scopes and bound goroutines' tags the lifetime of
// ctx's scope lists, dead ones included.
func Listed(ctx context.Context) (children, tags int) {
	l := nodeOf(ctx).scope.life
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.children.list), len(l.tags.list)
}

// TableSize returns how many slots the table of ctx's scope has.
func TableSize(ctx context.Context) int {
	if t := nodeOf(ctx).scope.table; t != nil {
		return len(t.chains)
	}
	return 0
}
