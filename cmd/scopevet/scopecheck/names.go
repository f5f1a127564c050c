package scopecheck

import (
	"go/ast"
	"go/types"
	"iter"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

const (
	scopePath = "github.com/scopetree/scope"
	envPath   = scopePath + "/env"
	httpxPath = scopePath + "/httpx"
)

// A funcName identifies a function by its package's path, its receiver's type and its own
// name: "github.com/scopetree/scope.Set", "testing.T.Setenv". The funcName of anything
// else is "".
type funcName string

func nameOf(obj types.Object) funcName {
	f, ok := obj.(*types.Func)
	if !ok || f.Pkg() == nil {
		return ""
	}
	name := f.Name()
	if recv := f.Signature().Recv(); recv != nil {
		t := types.Unalias(recv.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		named, ok := t.(*types.Named)
		if !ok {
			return ""
		}
		name = named.Obj().Name() + "." + name
	}
	return funcName(packagePath(f.Pkg()) + "." + name)
}

// packagePath returns the package's path without the suffix that go vet adds for a
// package that is compiled for its own tests: for "p [p.test]" it returns p.
func packagePath(p *types.Package) string {
	s, _, _ := strings.Cut(p.Path(), " ")
	return s
}

// short returns the name as code writes it: scope.Set.
func (f funcName) short() string { return path.Base(string(f)) }

// ours reports whether the function is in this module's API.
func (f funcName) ours() bool {
	rest, ok := strings.CutPrefix(string(f), scopePath)
	name := string(f[strings.LastIndexByte(string(f), '.')+1:])
	return ok && (rest[0] == '.' || rest[0] == '/') && ast.IsExported(name)
}

// knowsScopes reports whether a package imports a package of this module.
func knowsScopes(p *types.Package) bool {
	return slices.ContainsFunc(p.Imports(), func(p *types.Package) bool {
		return strings.HasPrefix(packagePath(p)+"/", scopePath+"/")
	})
}

// named yields the expressions below that denote a function whose name want accepts,
// whether they call it or not. For s.Set[int](ctx, key, 1) it yields s.Set[int].
func named(pass *analysis.Pass, in inspector.Cursor, want func(funcName) bool) iter.Seq2[funcName, inspector.Cursor] {
	return func(yield func(funcName, inspector.Cursor) bool) {
		for cur := range in.Preorder((*ast.Ident)(nil)) {
			name := nameOf(pass.TypesInfo.Uses[cur.Node().(*ast.Ident)])
			if name != "" && want(name) && !yield(name, whole(cur)) {
				return
			}
		}
	}
}

// whole returns the expression that ends with a function's own name, with type arguments
// and parentheses.
func whole(cur inspector.Cursor) inspector.Cursor {
	for {
		switch cur.ParentEdgeKind() {
		case edge.SelectorExpr_Sel, edge.IndexExpr_X, edge.IndexListExpr_X, edge.ParenExpr_X:
			cur = cur.Parent()
		default:
			return cur
		}
	}
}

// A call is a call expression, and the place to which its value goes: at is the outermost
// parentheses around the call.
type call struct {
	*ast.CallExpr
	at inspector.Cursor
}

// callOf returns the call of the function that the expression at cur denotes.
// ok is false if the function is not called.
func callOf(cur inspector.Cursor) (c call, ok bool) {
	if cur.ParentEdgeKind() != edge.CallExpr_Fun {
		return call{}, false
	}
	cur = cur.Parent()
	return call{cur.Node().(*ast.CallExpr), unparen(cur)}, true
}

// calls yields the calls among the expressions that named yields for the whole package.
func calls(pass *analysis.Pass, want func(funcName) bool) iter.Seq2[funcName, call] {
	return func(yield func(funcName, call) bool) {
		for name, cur := range named(pass, root(pass), want) {
			if c, ok := callOf(cur); ok && !yield(name, c) {
				return
			}
		}
	}
}

// callee returns the name of the function that an expression calls. It returns "" if the
// expression is not a call, or calls something else.
func callee(pass *analysis.Pass, e ast.Expr) funcName {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return ""
	}
	return nameOf(typeutil.Callee(pass.TypesInfo, c))
}

// is returns a function that reports whether a name is one of some names.
func is(names ...funcName) func(funcName) bool {
	return func(n funcName) bool { return slices.Contains(names, n) }
}

// isContext reports whether t is context.Context.
func isContext(t types.Type) bool { return isType(t, "context", "Context") }

// isRequest reports whether t is *http.Request.
func isRequest(t types.Type) bool { return isPointerTo(t, "net/http", "Request") }

func isPointerTo(t types.Type, path, name string) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isType(p.Elem(), path, name)
}

func isType(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}

func root(pass *analysis.Pass) inspector.Cursor {
	return pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
}

func unparen(cur inspector.Cursor) inspector.Cursor {
	for cur.ParentEdgeKind() == edge.ParenExpr_X {
		cur = cur.Parent()
	}
	return cur
}
