package scopecheck

import (
	"fmt"
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
)

// OuterScope reports code that reads the goroutine's scope although the function has just
// made a scope inside of it.
var OuterScope = &analysis.Analyzer{
	Name: "outerscope",
	Doc: `a read of the goroutine's scope after the function has made a scope further in

scope.Set, scope.With and their like return a context, and leave the goroutine as it
is. So code without that context, such as Key.Get, env.Getenv or http.Get, still has
the outer scope, for example the one that httpx.Middleware has bound.

Wrong:

	func handle(w http.ResponseWriter, r *http.Request) {
		ctx := scope.Set(r.Context(), Tenant, r.Header.Get("Tenant"))
		http.Get(url) // goes by the outer scope's routes

Right:

	func handle(w http.ResponseWriter, r *http.Request) {
		ctx := scope.Set(r.Context(), Tenant, r.Header.Get("Tenant"))
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)

Or bind in the middleware, httpx.Middleware(next, bind), or call the code in scope.Run.
Reported are calls after the scope was made, in the same function and not in a closure.
Tests are left alone: there scopetest binds the goroutine. There is no fix, because a
context, scope.Run and the middleware are all right.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runOuterScope,
}

var (
	makesScope     = is(scopePath+".Set", scopePath+".With", scopePath+".New", envPath+".Set", envPath+".Unset")
	isPlainRequest = is("net/http.NewRequest")
	binds          = is(scopePath + ".Attach")
)

func runOuterScope(pass *analysis.Pass) (any, error) {
	type made struct {
		call
		name funcName
	}
	scopes := map[ast.Node][]made{} // by function
	for name, c := range calls(pass, makesScope) {
		if fn, ok := function(c.at); ok && !inTest(pass, c) && len(c.Args) > 0 && !isFresh(callee(pass, c.Args[0])) {
			scopes[fn.Node()] = append(scopes[fn.Node()], made{c, name})
		}
	}
	if len(scopes) == 0 {
		return nil, nil
	}
	for name, c := range calls(pass, func(n funcName) bool { return isAmbient(n) || isPlainRequest(n) }) {
		fn, ok := function(c.at)
		if !ok {
			continue
		}
		attached := false
		for range named(pass, fn, binds) {
			attached = true
		}
		for _, m := range scopes[fn.Node()] {
			if m.Pos() < c.Pos() && !attached {
				report(pass, c, fmt.Sprintf("%s reads the goroutine's scope, which %s at %s has not changed: pass its context, or use scope.Run",
					name.short(), m.name.short(), placeOf(pass, m.Pos())))
				break
			}
		}
	}
	return nil, nil
}
