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

// LostCtx reports a fresh context where the function has one.
var LostCtx = &analysis.Analyzer{
	Name: "lostctx",
	Doc: `context.Background() where the function has a context

A fresh context carries no scope. What gets it reads the goroutine's scope or
the defaults, and not what the caller of this function has set. Reported are
context.Background() and context.TODO() as an argument of this module's
functions and of http.NewRequestWithContext, in a function that has a
context.Context or an *http.Request as a parameter of its own. A function
literal that runs elsewhere or later may have its reasons.

Wrong:

	func charge(ctx context.Context) error {
		url := scope.Get(context.Background(), BaseURL)

Right:

	func charge(ctx context.Context) error {
		url := scope.Get(ctx, BaseURL)

For work that outlives ctx there is context.WithoutCancel(ctx), which keeps the
scope; for work that must start clean, scope.Detach(ctx); and for the goroutine's
scope, Key.Get. The fix passes the context that is in reach, if there is but
one, to anything but scope.Go and scope.Wrap, which may want one of those.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runLostCtx,
}

var (
	isFresh    = is("context.Background", "context.TODO")
	isDetached = is(scopePath + ".Detach") // which takes no more than the deadline
	isDeferred = is(scopePath+".Go", scopePath+".Wrap")
	isSender   = is("net/http.NewRequestWithContext")
)

func runLostCtx(pass *analysis.Pass) (any, error) {
	takes := func(n funcName) bool { return isSender(n) || n.ours() && !isDetached(n) }
	for name, call := range calls(pass, takes) {
		fresh := freshArg(pass, call)
		if fresh == nil {
			continue
		}
		has, ok := contextParam(pass, call.at)
		if !ok {
			continue
		}
		message := callee(pass, fresh).short() + "() carries no scope, and " + has + " does: pass it, or context.WithoutCancel of it for work that outlives it"
		var fixes []analysis.SuggestedFix
		if in := contextInReach(pass, fresh.Pos()); in != "" && !isDeferred(name) {
			fixes = append(fixes, fix("Pass "+in, fresh.Pos(), fresh.End(), in))
		}
		report(pass, fresh, message, fixes...)
	}
	return nil, nil
}

// freshArg returns the call's argument that is a fresh context, nil if there is
// none, or if another argument is a context: then nothing is lost.
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

// contextParam returns the parameter that the function around cur has its
// context from: ctx, or r.Context().
func contextParam(pass *analysis.Pass, cur inspector.Cursor) (string, bool) {
	for {
		fn, ok := function(cur)
		if !ok {
			return "", false
		}
		request := ""
		for _, field := range funcType(fn).Params.List {
			for _, id := range field.Names {
				t := pass.TypesInfo.TypeOf(field.Type)
				switch {
				case id.Name == "_":
				case isContext(t):
					return id.Name, true
				case isRequest(t):
					request = id.Name + ".Context()"
				}
			}
		}
		if request != "" {
			return request, true
		}
		// A literal that is called where it stands is as its surroundings, unless
		// it may run when their context is done.
		if how, ok := calledAtOnce(fn); !ok || how == edge.GoStmt_Call || how == edge.DeferStmt_Call {
			return "", false
		}
		cur = fn.Parent()
	}
}

// contextInReach returns the one expression at pos that can be meant by the
// context: the only visible context.Context that a function declares, or else
// the only request's. It is "" where there is none or a choice.
func contextInReach(pass *analysis.Pass, pos token.Pos) string {
	var contexts, requests []string
	inner := pass.Pkg.Scope().Innermost(pos)
	for s := inner; s != nil && s.Parent() != pass.Pkg.Scope(); s = s.Parent() {
		for _, name := range s.Names() {
			_, obj := inner.LookupParent(name, pos)
			if obj == nil || obj.Parent() != s { // not yet declared, or hidden
				continue
			}
			v, ok := obj.(*types.Var)
			switch {
			case !ok:
			case isContext(v.Type()):
				contexts = append(contexts, name)
			case isRequest(v.Type()):
				requests = append(requests, name+".Context()")
			}
		}
	}
	switch {
	case len(contexts) == 1:
		return contexts[0]
	case len(contexts) == 0 && len(requests) == 1:
		return requests[0]
	}
	return ""
}
