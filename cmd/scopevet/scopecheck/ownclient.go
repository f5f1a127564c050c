package scopecheck

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
)

// OwnClient reports clients that a test's routes do not reach.
var OwnClient = &analysis.Analyzer{
	Name: "ownclient",
	Doc: `an http.Client with a transport of its own, in a package tested with httpxtest

A route reaches clients that send through http.DefaultTransport. One that brings
an http.Transport of its own calls the real host, in tests too.

Wrong:

	var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}

Right:

	var client = &http.Client{Transport: httpx.Wrap(&http.Transport{MaxIdleConnsPerHost: 50})}

Reported are literals in files that are no tests, of packages whose own test files
import httpxtest. The fix puts httpx.Wrap around the transport.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runOwnClient,
}

func runOwnClient(pass *analysis.Pass) (any, error) {
	if !slices.ContainsFunc(pass.Pkg.Imports(), func(p *types.Package) bool { return packagePath(p) == scopePath+"/httpx/httpxtest" }) {
		return nil, nil
	}
	for cur := range root(pass).Preorder((*ast.CompositeLit)(nil)) {
		lit := cur.Node().(*ast.CompositeLit)
		if inTest(pass, lit) || !isType(pass.TypesInfo.TypeOf(lit), "net/http", "Client") {
			continue
		}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok || !isOwnTransport(pass, kv) {
				continue
			}
			report(pass, kv.Value, "no route reaches a client with a transport of its own: put httpx.Wrap around it", wrapTransport(pass, kv.Value)...)
		}
	}
	return nil, nil
}

// isOwnTransport reports whether a field is Transport and its value a literal.
func isOwnTransport(pass *analysis.Pass, kv *ast.KeyValueExpr) bool {
	key, ok := kv.Key.(*ast.Ident)
	if !ok || key.Name != "Transport" {
		return false
	}
	address, ok := ast.Unparen(kv.Value).(*ast.UnaryExpr)
	if !ok {
		return false
	}
	lit, ok := address.X.(*ast.CompositeLit)
	return ok && isType(pass.TypesInfo.TypeOf(lit), "net/http", "Transport")
}

// wrapTransport returns the fix that puts httpx.Wrap around an expression.
func wrapTransport(pass *analysis.Pass, e ast.Expr) []analysis.SuggestedFix {
	qualifier, edits, ok := importPackage(pass, e.Pos(), scopePath+"/httpx")
	if !ok {
		return nil
	}
	return []analysis.SuggestedFix{{
		Message: "Put httpx.Wrap around the transport",
		TextEdits: append(edits,
			analysis.TextEdit{Pos: e.Pos(), End: e.Pos(), NewText: []byte(qualifier + "Wrap(")},
			analysis.TextEdit{Pos: e.End(), End: e.End(), NewText: []byte(")")},
		),
	}}
}
