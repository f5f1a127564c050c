// Package engine is what package scope is made of: keys, bindings, scopes and
// lifetimes, without the types of their values. Package scope gives it types,
// names and documentation. The other packages of this module ask it for what
// package scope does not offer to others: what a test's live scope needs, one
// value that several keys make together, and notes about requests.
//
// # From a typed value to an untyped one
//
// A *scope.Key embeds a [KeyRef] and a scope.Binding embeds a [BindingRef]. The
// methods of these two are not exported, so nobody else can call them, but they
// make a *scope.Key a [Keyed] and a *scope.Binding a [Bound], which functions
// of this package take.
//
// # The files
//
// A context carries a scope in a node (node.go). A scope is an immutable list of
// bindings, and a table of those that are many (scope.go, table.go). It may end
// with a lifetime (lifetime.go), which may own resources (resource.go). A test's
// lifetime is live: it has bindings that later ones replace (live.go). A key may
// be collected into another (collect.go). Goroutines have scopes by tags
// (goroutine.go). The rest is for people: explain.go, describe.go, tracking.go
// and requests.go.
package engine
