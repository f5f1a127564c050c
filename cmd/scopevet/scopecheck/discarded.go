package scopecheck

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
)

// Discarded reports results of this module's functions that the caller drops.
var Discarded = &analysis.Analyzer{
	Name: "discarded",
	Doc: `a discarded result of Set, With and their like

Scopes are immutable. scope.Set, scope.With, env.Set and their like return a
new context and change nothing else, so a call for nothing but itself does
nothing. The same holds for a binding, which counts once scope.With or
scopetest.With gets it, for scope.Wrap, which runs nothing, and for what wraps a
handler, a transport or a Propagator. The end function of scope.New is all that
ends the scope before the one around it ends, if there is one, and must not go
to _ in a function.

Wrong:

	scope.Set(ctx, BaseURL, fake.URL) // ctx stays as it was
	ctx, _ = scope.New(ctx, "job")    // and who ends it?

Right:

	ctx = scope.Set(ctx, BaseURL, fake.URL)
	ctx, end := scope.New(ctx, "job")
	defer end()

The fix assigns the new context to the variable that the old one was in, but not
in a loop that would pass it on to its next round. A result that is meant to be
dropped can be assigned to _, but for end. Tests may drop end, and the result of
what they call for its panic or its cost.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runDiscarded,
}

const (
	newContext = ": it returns a new context and changes nothing else"
	newBinding = ": a binding counts once scope.With or scopetest.With gets it"
	newFunc    = ": it returns a function and runs nothing"
	newValue   = ": it returns a new value and changes nothing else"
)

var discarded = map[funcName]string{
	scopePath + ".Set":            newContext,
	scopePath + ".With":           newContext,
	scopePath + ".New":            newContext,
	scopePath + ".Capture":        newContext,
	scopePath + ".Detach":         newContext,
	envPath + ".Set":              newContext,
	envPath + ".Unset":            newContext,
	scopePath + ".Key.Bind":       newBinding,
	envPath + ".Bind":             newBinding,
	envPath + ".Hide":             newBinding,
	envPath + ".Key.Bind":         newBinding,
	httpxPath + ".Route":          newBinding,
	httpxPath + ".RouteHandler":   newBinding,
	httpxPath + ".RouteTransport": newBinding,
	scopePath + ".Wrap":           newFunc,
	httpxPath + ".Adopt":          newValue,
	httpxPath + ".Middleware":     newValue,
	httpxPath + ".Wrap":           newValue,

	scopePath + "/propagation.Propagator.Extract":    newContext,
	scopePath + "/propagation.Propagator.Middleware": newValue,
	scopePath + "/propagation.Propagator.For":        newValue,
	scopePath + "/propagation.Propagator.At":         newValue,
}

func runDiscarded(pass *analysis.Pass) (any, error) {
	for name, call := range calls(pass, func(n funcName) bool { return discarded[n] != "" }) {
		switch {
		case discards(call.at) && !forEffect(pass, call.at):
			report(pass, call, "the result of "+name.short()+" is discarded"+discarded[name], assign(pass, call)...)
		case name == scopePath+".New" && endIsBlank(call) && !inTest(pass, call):
			report(pass, call, "the end function of scope.New is discarded: the scope lasts as long as the one around it, or for ever")
		}
	}
	return nil, nil
}

// assign returns the fix that assigns the new context to the variable of the old one.
//
// There is a fix only if the variable belongs to the same function, because assigning to
// a captured or global variable may be a race. And there is none if a loop stands between
// the declaration and the call, because each round would begin with the context of the
// round before.
func assign(pass *analysis.Pass, c call) []analysis.SuggestedFix {
	if !isContext(pass.TypesInfo.TypeOf(c.CallExpr)) || c.at.ParentEdgeKind() != edge.ExprStmt_X {
		return nil
	}
	id, ok := ast.Unparen(c.Args[0]).(*ast.Ident)
	fn, inside := function(c.at)
	if !ok || !inside {
		return nil
	}
	v := local(pass, id, fn)
	if v == nil || !isContext(v.Type()) {
		return nil
	}
	for loop := range c.at.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		if !within(v, loop) {
			return nil
		}
	}
	stmt := c.at.Parent().Node()
	return []analysis.SuggestedFix{fix("Assign the new context to "+id.Name, stmt.Pos(), stmt.Pos(), id.Name+" = ")}
}

// endIsBlank reports whether the call is in ctx, _ := scope.New(...), or in such a
// declaration in a function. A scope in a package variable may last for ever.
func endIsBlank(c call) bool {
	switch s := c.at.Parent().Node().(type) {
	case *ast.AssignStmt:
		if len(s.Lhs) != 2 || len(s.Rhs) != 1 {
			return false
		}
		id, ok := s.Lhs[1].(*ast.Ident)
		return ok && id.Name == "_"
	case *ast.ValueSpec:
		_, inside := function(c.at)
		return inside && len(s.Names) == 2 && len(s.Values) == 1 && s.Names[1].Name == "_"
	}
	return false
}
