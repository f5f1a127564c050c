package scopecheck

import (
	"go/ast"
	"go/types"
	"iter"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// discards reports whether the value of the call at cur is dropped silently, as in a
// statement of its own. Assigning it to _ is not silent.
func discards(cur inspector.Cursor) bool {
	switch cur.ParentEdgeKind() {
	case edge.ExprStmt_X, edge.GoStmt_Call, edge.DeferStmt_Call:
		return true
	}
	return false
}

// target returns the identifier to which the value of the expression alone is assigned:
// detach in detach := scope.Attach(ctx). It returns nil if there is none.
func target(cur inspector.Cursor) *ast.Ident {
	kind, i := cur.ParentEdge()
	switch parent := cur.Parent().Node().(type) {
	case *ast.AssignStmt:
		if kind == edge.AssignStmt_Rhs && len(parent.Lhs) == len(parent.Rhs) {
			id, _ := ast.Unparen(parent.Lhs[i]).(*ast.Ident)
			return id
		}
	case *ast.ValueSpec:
		if kind == edge.ValueSpec_Values && len(parent.Names) == len(parent.Values) {
			return parent.Names[i]
		}
	}
	return nil
}

// local returns the variable that id denotes if the function at fn declares it, or else
// nil. It returns nil for a named result, because that belongs to the caller too.
func local(pass *analysis.Pass, id *ast.Ident, fn inspector.Cursor) *types.Var {
	if v, ok := pass.TypesInfo.ObjectOf(id).(*types.Var); ok && v.Kind() != types.ResultVar && within(v, fn) {
		return v
	}
	return nil
}

// within reports whether obj is declared in the code at cur.
func within(obj types.Object, cur inspector.Cursor) bool {
	return cur.Node().Pos() <= obj.Pos() && obj.Pos() < cur.Node().End()
}

// usesOf yields every expression in the function at fn that reads v.
func usesOf(pass *analysis.Pass, v *types.Var, fn inspector.Cursor) iter.Seq[inspector.Cursor] {
	return func(yield func(inspector.Cursor) bool) {
		for cur := range fn.Preorder((*ast.Ident)(nil)) {
			id := cur.Node().(*ast.Ident)
			if pass.TypesInfo.Uses[id] != v {
				continue
			}
			if cur = unparen(cur); cur.ParentEdgeKind() == edge.AssignStmt_Lhs {
				continue
			}
			if !yield(cur) {
				return
			}
		}
	}
}

// function returns the innermost function around cur. ok is false at package level.
func function(cur inspector.Cursor) (fn inspector.Cursor, ok bool) {
	for fn := range cur.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return fn, true
	}
	return cur, false
}

// calledAtOnce reports whether the function at fn is a literal that is called where it is
// written, and by which kind of statement.
func calledAtOnce(fn inspector.Cursor) (how edge.Kind, ok bool) {
	fn = unparen(fn)
	if fn.ParentEdgeKind() != edge.CallExpr_Fun {
		return edge.Invalid, false
	}
	return unparen(fn.Parent()).ParentEdgeKind(), true
}

// forEffect reports whether the call at cur is made for its panic or its cost. That is so
// if it is the only statement of a literal in a test, or if it is in a benchmark.
func forEffect(pass *analysis.Pass, cur inspector.Cursor) bool {
	if !inTest(pass, cur.Node()) {
		return false
	}
	block := cur.Parent().Parent()
	if b, ok := block.Node().(*ast.BlockStmt); ok && len(b.List) == 1 && block.ParentEdgeKind() == edge.FuncLit_Body {
		return true
	}
	for fn := range cur.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		for _, p := range funcType(fn).Params.List {
			if isPointerTo(pass.TypesInfo.TypeOf(p.Type), "testing", "B") {
				return true
			}
		}
	}
	return false
}

func inTest(pass *analysis.Pass, n ast.Node) bool {
	return strings.HasSuffix(pass.Fset.File(n.Pos()).Name(), "_test.go")
}

func funcType(fn inspector.Cursor) *ast.FuncType {
	if lit, ok := fn.Node().(*ast.FuncLit); ok {
		return lit.Type
	}
	return fn.Node().(*ast.FuncDecl).Type
}
