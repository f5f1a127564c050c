package scopecheck

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// LocalKey reports keys that belong to one call of a function.
var LocalKey = &analysis.Analyzer{
	Name: "localkey",
	Doc: `a key made inside a function, for nobody else

A key is an identity: another call of scope.NewKey with the same name makes
another key. One that is made in a function and does not leave it is new at
each call, so no other code, and not even the next call, can find what was bound
to it. The same holds for scope.NewResource.

Wrong:

	func handle(ctx context.Context) {
		tenant := scope.NewKey("tenant", "")
		serve(scope.Set(ctx, tenant, "acme")) // and how does serve get it?

Right:

	var Tenant = scope.NewKey("tenant", "")

	func handle(ctx context.Context) {
		serve(scope.Set(ctx, Tenant, "acme"))

A key that is returned, stored, handed on or used in a closure has an owner and
is left alone, and so are keys of tests and of code that runs once, in init, in
main or by a sync.Once. There is no fix: where the key should be and who may see it is a choice.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runLocalKey,
}

func runLocalKey(pass *analysis.Pass) (any, error) {
	makes := is(scopePath+".NewKey", scopePath+".NewKeyFunc", scopePath+".NewResource")
	for name, call := range calls(pass, makes) {
		fn, ok := function(call.at)
		if !ok || runsOnce(pass, fn) || inTest(pass, call) {
			continue
		}
		if stays(pass, call.at) || variableStays(pass, target(call.at), fn) {
			what := "key"
			if name == scopePath+".NewResource" {
				what = "resource"
			}
			report(pass, call, "this "+what+" is new at each call, and nothing else can find it: make it a package-level variable")
		}
	}
	return nil, nil
}

// keepsNone has functions that take a key and do not keep it.
var keepsNone = is(scopePath+".Set", scopePath+".Get", scopePath+".Lookup", scopePath+".Explain",
	scopePath+"/scopetest.Set", scopePath+"/scopetest.SetGlobal")

// stays reports whether the key at cur is only used by one of these functions, or by its
// own methods.
func stays(pass *analysis.Pass, cur inspector.Cursor) bool {
	switch parent := cur.Parent().Node().(type) {
	case *ast.SelectorExpr:
		return cur.Parent().ParentEdgeKind() == edge.CallExpr_Fun
	case *ast.CallExpr:
		return cur.ParentEdgeKind() == edge.CallExpr_Args && keepsNone(callee(pass, parent))
	}
	return false
}

// variableStays reports whether all uses of the function's variable are such uses.
func variableStays(pass *analysis.Pass, id *ast.Ident, fn inspector.Cursor) bool {
	if id == nil || id.Name == "_" {
		return false
	}
	v := local(pass, id, fn)
	if v == nil {
		return false
	}
	for use := range usesOf(pass, v, fn) {
		if in, _ := function(use); in != fn || !stays(pass, use) {
			return false
		}
	}
	return true
}

var isOnce = is("sync.Once.Do", "sync.OnceFunc", "sync.OnceValue", "sync.OnceValues")

// runsOnce reports whether a function is called only once in a program.
func runsOnce(pass *analysis.Pass, fn inspector.Cursor) bool {
	if d, ok := fn.Node().(*ast.FuncDecl); ok {
		return d.Recv == nil && (d.Name.Name == "init" || d.Name.Name == "main" && pass.Pkg.Name() == "main")
	}
	if c, ok := unparen(fn).Parent().Node().(*ast.CallExpr); ok && isOnce(callee(pass, c)) {
		return true
	}
	if _, ok := calledAtOnce(fn); !ok {
		return false
	}
	outer, ok := function(fn.Parent())
	return !ok || runsOnce(pass, outer)
}
