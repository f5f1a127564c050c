// Package inside is what package scope tells the other packages of this module
// and nobody else. Package scope sets its variables before any other code can
// use them, and they do not change.
package inside

import "context"

var (
	// Identity returns what tells scopes apart: it is equal for contexts and
	// goroutines that have the same scope. It keeps that scope alive until the
	// scope ends, and nothing more. It is nil for a scope that binds nothing.
	Identity func(ctx context.Context) any

	// Carry returns ctx with the scope that decides for from. Where from has
	// none, neither has the result, whatever ctx and the goroutine have.
	Carry func(ctx, from context.Context) context.Context
)
