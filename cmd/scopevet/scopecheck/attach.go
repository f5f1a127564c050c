package scopecheck

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Attach reports a scope.Attach whose detach is not deferred.
var Attach = &analysis.Analyzer{
	Name: "attach",
	Doc: `a scope.Attach whose detach is not deferred

scope.Attach binds the goroutine until detach is called, on the same goroutine.
Where it is never called, the next work of the goroutine, such as a pool's
worker's, reads this scope. Where it is called but not deferred, a panic or a
runtime.Goexit, such as t.FailNow's, has the same effect.

Wrong:

	scope.Attach(ctx)
	defer scope.Attach(ctx) // binds at the end, and nothing takes it back

	detach := scope.Attach(ctx)
	work()
	detach()

Right:

	defer scope.Attach(ctx)()

	scope.Run(ctx, func(context.Context) { work() }) // in a loop, too

A detach that goes elsewhere, such as to t.Cleanup or to the caller, is left
alone. The fix adds what is missing in the first two lines, where the function
does more after them than return, and not in a loop or a branch.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runAttach,
}

func runAttach(pass *analysis.Pass) (any, error) {
	for _, call := range calls(pass, is(scopePath+".Attach")) {
		id := target(call.at)
		switch kind := call.at.ParentEdgeKind(); {
		case forEffect(pass, call.at):
		case kind == edge.ExprStmt_X:
			report(pass, call, "detach is discarded: defer scope.Attach(ctx)()", deferred(call.at.Parent(), "defer ", "()")...)
		case kind == edge.DeferStmt_Call:
			report(pass, call, "deferred is scope.Attach and not detach: defer scope.Attach(ctx)()", deferred(call.at.Parent(), "", "()")...)
		case kind == edge.GoStmt_Call:
			report(pass, call, "scope.Attach binds a goroutine that ends at once: use scope.Go")
		case kind == edge.CallExpr_Fun && call.at.Parent().ParentEdgeKind() == edge.ExprStmt_X:
			report(pass, call, "detach is called at once, so nothing runs in the scope: defer scope.Attach(ctx)()", deferred(call.at.Parent().Parent(), "defer ", "")...)
		case id != nil && id.Name == "_":
			report(pass, call, "detach is discarded: defer scope.Attach(ctx)()")
		case id != nil && onlyCalled(pass, id, call.at):
			report(pass, call, "detach is not deferred: a panic or t.FailNow leaves the goroutine bound: defer it, or use scope.Run")
		}
	}
	return nil, nil
}

// deferred returns the fix that turns a statement into defer
// scope.Attach(ctx)(). before and after are the missing text on each side of
// it.
//
// There is no fix at the end of a function, or before a return, because the
// call may be there to bind the caller. There is none in a loop either, where
// the deferred calls would pile up, or in a branch.
func deferred(stmt inspector.Cursor, before, after string) []analysis.SuggestedFix {
	switch stmt.Parent().ParentEdgeKind() {
	case edge.FuncDecl_Body, edge.FuncLit_Body:
	default:
		return nil
	}
	next, ok := stmt.NextSibling()
	if !ok {
		return nil
	}
	if _, ok := next.Node().(*ast.ReturnStmt); ok {
		return nil
	}
	n := stmt.Node()
	return []analysis.SuggestedFix{{
		Message: "Defer detach",
		TextEdits: []analysis.TextEdit{
			{Pos: n.Pos(), End: n.Pos(), NewText: []byte(before)},
			{Pos: n.End(), End: n.End(), NewText: []byte(after)},
		},
	}}
}

// onlyCalled reports whether the variable with detach is only called, and never by a
// defer of the function around at.
func onlyCalled(pass *analysis.Pass, id *ast.Ident, at inspector.Cursor) bool {
	fn, ok := function(at)
	if !ok {
		return false
	}
	v := local(pass, id, fn)
	if v == nil {
		return false
	}
	for use := range usesOf(pass, v, fn) {
		if use.ParentEdgeKind() != edge.CallExpr_Fun {
			return false // it is passed on
		}
		if in, _ := function(use); in != fn {
			if how, ok := calledAtOnce(in); !ok || how != edge.GoStmt_Call {
				return false // deferred, or called in another function
			}
		} else if unparen(use.Parent()).ParentEdgeKind() == edge.DeferStmt_Call {
			return false
		}
	}
	return true
}
