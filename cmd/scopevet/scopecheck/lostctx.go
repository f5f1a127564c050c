package scopecheck

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// LostCtx reports a fresh context where the function has a context.
var LostCtx = &analysis.Analyzer{
	Name: "lostctx",
	Doc: `context.Background() where the function has a context

A fresh context carries no scope. What gets it reads the goroutine's scope or
the defaults, and not what the caller of this function has set. Reported are
context.Background() and context.TODO() as an argument of this module's
functions, in a function that has a context.Context or an *http.Request as a
parameter of its own. A function literal that runs elsewhere or later may have
its reasons, and so has what stands in if ctx == nil.

In a package that imports one of this module's, its tests included, they are
reported as an argument of http.NewRequestWithContext and of pprof.Do too. The
latter even takes the goroutine's scope away. Elsewhere, nothing says that the
caller's context has a scope.

Wrong:

	func charge(ctx context.Context) error {
		url := scope.Get(context.Background(), BaseURL)

Right:

	func charge(ctx context.Context) error {
		url := scope.Get(ctx, BaseURL)

For work that outlives ctx there is context.WithoutCancel(ctx), which keeps the
scope; for work that must start clean, scope.Detach(ctx); and for the goroutine's
scope, Key.Get. The fix passes the parameter, where no other context is in reach
that could be meant. There is none for scope.Go, scope.Wrap and the functions of
other modules, which may want one of those.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runLostCtx,
}

var (
	isFresh    = is("context.Background", "context.TODO")
	isDetached = is(scopePath + ".Detach") // keeps only the deadline
	isDeferred = is(scopePath+".Go", scopePath+".Wrap")
	isForeign  = is("net/http.NewRequestWithContext", "runtime/pprof.Do")
)

func runLostCtx(pass *analysis.Pass) (any, error) {
	knows := knowsScopes(pass.Pkg)
	takes := func(n funcName) bool { return n.ours() && !isDetached(n) || knows && isForeign(n) }
	for name, call := range calls(pass, takes) {
		fresh := freshArg(pass, call)
		if fresh == nil {
			continue
		}
		param := contextParam(pass, call.at)
		if param == nil || foundNil(pass, param, call.at) {
			continue
		}
		has := param.Name()
		if isRequest(param.Type()) {
			has += ".Context()"
		}
		message := callee(pass, fresh).short() + "() carries no scope, and " + has + " does: pass it, or context.WithoutCancel of it for work that outlives it"
		var fixes []analysis.SuggestedFix
		if !isDeferred(name) && !isForeign(name) && contextInReach(pass, fresh.Pos()) == param {
			fixes = append(fixes, fix("Pass "+has, fresh.Pos(), fresh.End(), has))
		}
		report(pass, fresh, message, fixes...)
	}
	return nil, nil
}

// freshArg returns the call's argument that is a fresh context. It returns nil if there
// is none, or if another argument is a context, because then nothing is lost.
func freshArg(pass *analysis.Pass, c call) (fresh ast.Expr) {
	for _, arg := range c.Args {
		switch {
		case isFresh(callee(pass, arg)):
			fresh = arg
		case isContext(pass.TypesInfo.TypeOf(arg)):
			return nil
		}
	}
	return fresh
}

// contextParam returns the parameter from which the function around cur has its context:
// a context or a request. It returns nil if there is none.
func contextParam(pass *analysis.Pass, cur inspector.Cursor) *types.Var {
	for {
		fn, ok := function(cur)
		if !ok {
			return nil
		}
		var request *types.Var
		for _, field := range funcType(fn).Params.List {
			for _, id := range field.Names {
				v, _ := pass.TypesInfo.Defs[id].(*types.Var)
				switch {
				case id.Name == "_" || v == nil:
				case isContext(v.Type()):
					return v
				case isRequest(v.Type()):
					request = v
				}
			}
		}
		if request != nil {
			return request
		}
		// A literal that is called where it is written has the context of the function
		// around it, unless it may run when that context is done.
		if how, ok := calledAtOnce(fn); !ok || how == edge.GoStmt_Call || how == edge.DeferStmt_Call {
			return nil
		}
		cur = fn.Parent()
	}
}

// foundNil reports whether cur is in a branch of an if in which v is nil.
func foundNil(pass *analysis.Pass, v *types.Var, cur inspector.Cursor) bool {
	for at := range cur.Enclosing((*ast.IfStmt)(nil)) {
		stmt := at.Node().(*ast.IfStmt)
		cond, ok := ast.Unparen(stmt.Cond).(*ast.BinaryExpr)
		if !ok || !pass.TypesInfo.Types[cond.Y].IsNil() {
			continue
		}
		id, ok := ast.Unparen(cond.X).(*ast.Ident)
		then := stmt.Body.Pos() <= cur.Node().Pos() && cur.Node().Pos() < stmt.Body.End()
		if ok && pass.TypesInfo.Uses[id] == v && then == (cond.Op == token.EQL) {
			return true
		}
	}
	return false
}

// contextInReach returns the only variable at pos that can be the context: the only
// visible context.Context that a function declares, or else the only request. It returns
// nil if there is none or more than one.
func contextInReach(pass *analysis.Pass, pos token.Pos) *types.Var {
	var contexts, requests []*types.Var
	inner := pass.Pkg.Scope().Innermost(pos)
	for s := inner; s != nil && s.Parent() != pass.Pkg.Scope(); s = s.Parent() {
		for _, name := range s.Names() {
			_, obj := inner.LookupParent(name, pos)
			if obj == nil || obj.Parent() != s { // not declared yet, or hidden
				continue
			}
			v, ok := obj.(*types.Var)
			switch {
			case !ok:
			case isContext(v.Type()):
				contexts = append(contexts, v)
			case isRequest(v.Type()):
				requests = append(requests, v)
			}
		}
	}
	switch {
	case len(contexts) == 1:
		return contexts[0]
	case len(contexts) == 0 && len(requests) == 1:
		return requests[0]
	}
	return nil
}
