// Package privileged is what package scope tells the other packages of this module
// and nobody else. Package scope sets its variables before any other code can
// use them, and they do not change.
package privileged

import "context"

var (
	// Identity returns what tells scopes apart: it is equal for contexts and
	// goroutines that have the same scope. It keeps that scope alive until the
	// scope ends, and nothing more. It is nil for a scope that binds nothing.
	Identity func(ctx context.Context) any

	// Look returns the value that a key has in the scope that decides for ctx,
	// and an error if that scope has ended: what scope.Get and scope.Err say,
	// in one search. The key is what KeyOf made of a *scope.Key.
	Look  func(ctx context.Context, key any) (value any, err error)
	KeyOf func(key any) any

	// NewLive is scope.New for a test's scope, whose content grows: what bind,
	// which takes a []scope.Binding, adds is seen by all that has the scope
	// already. It may be called from any goroutine. A goroutine that has no scope
	// has this one, if the goroutine on which NewLive was called had started it,
	// or if package testing has labelled it with the test's full name.
	NewLive func(ctx context.Context, name, test string) (_ context.Context, bind func(bindings any), end func())

	// Named returns ctx with the scope that NewLive made for a test, or for the
	// nearest test around it, and false if there is none.
	Named func(ctx context.Context, test string) (context.Context, bool)

	// Carry returns ctx with the scope that decides for from. Where from has
	// none, neither has the result, whatever ctx and the goroutine have.
	Carry func(ctx, from context.Context) context.Context

	// Show tells people of a scope.Binding. For the zero one it has no Of.
	Show func(binding any) Binding

	// Hide takes a *scope.Key out of what Live says of scopes: one whose values
	// say nothing, or of which a scope has many and another key has them all. It
	// returns the key, so that it can be called where a variable is declared.
	Hide func(key any) any
)
