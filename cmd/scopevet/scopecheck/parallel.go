package scopecheck

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Parallel reports tests that could call t.Parallel, and why the others can't. It is not
// one of [Analyzers], because it is for the time when a suite is made parallel, and not
// for every day.
var Parallel = &analysis.Analyzer{
	Name: "parallel",
	Doc: `tests that could call t.Parallel, and why the others can't

It is for the day on which a suite is made parallel, and runs only if it is asked
for: scopevet -parallel ./...

A test can be parallel if it changes nothing that the process has once. The check
looks at the test, and at the functions that it calls, directly or not: those of
its own package, and those of packages outside of the standard library. It finds
writes to package variables, methods that change a package variable, os.Setenv,
os.Chdir, t.Setenv, t.Chdir, a new default logger or default HTTP handler, a port
or a file with a fixed name, and functions that count what the whole process does,
such as testing.AllocsPerRun. Writes under a lock or in a sync.Once are fine.

Wrong:

	func TestCharge(t *testing.T) {
		t.Parallel()
		t.Setenv("PAYMENTS_URL", fake.URL) // panics

Right:

	func TestCharge(t *testing.T) {
		t.Parallel()
		envtest.Setenv(t, "PAYMENTS_URL", fake.URL)

Reported too are a second t.Parallel in one test, and t.Setenv or t.Chdir in a
parallel one: all of them panic.

The check does not see everything. A function that is called through an interface
or a variable, a database, a server or a file that several tests share may still
keep two tests from running at once. Run the suite with -race and -count=10 after
the fix. Subtests are left to you: a parallel subtest runs after its parent's
deferred calls.

The fix adds t.Parallel as the first statement, or takes the second one out.`,
	Requires:  []*analysis.Analyzer{inspect.Analyzer},
	FactTypes: []analysis.Fact{new(serial)},
	Run:       runParallel,
}

func runParallel(pass *analysis.Pass) (any, error) {
	if standard(pass.Pkg) {
		return nil, nil
	}
	funcs := newFunctions(pass)
	funcs.export()
	for _, obj := range funcs.all {
		if t := testParam(pass, funcs.decls[obj]); t != nil {
			checkTest(pass, funcs, obj, t)
		}
	}
	return nil, nil
}

// standard reports whether a package is in the standard library. Many tests may call its
// functions at once, except for those in hazards.go.
func standard(p *types.Package) bool {
	first, _, _ := strings.Cut(packagePath(p), "/")
	return !strings.Contains(first, ".")
}

// testParam returns the t of a function that go test runs as a test, or nil for other
// functions.
func testParam(pass *analysis.Pass, f *ast.FuncDecl) *ast.Ident {
	name, ok := strings.CutPrefix(f.Name.Name, "Test")
	first, _ := utf8.DecodeRuneInString(name)
	if !ok || unicode.IsLower(first) || f.Recv != nil || f.Body == nil || !inTest(pass, f) {
		return nil
	}
	params := f.Type.Params.List
	if len(params) != 1 || len(params[0].Names) != 1 || !isPointerTo(pass.TypesInfo.TypeOf(params[0].Type), "testing", "T") {
		return nil
	}
	return params[0].Names[0]
}

func checkTest(pass *analysis.Pass, funcs *functions, obj *types.Func, t *ast.Ident) {
	test := funcs.decls[obj]
	parallel := funcs.parallels(test, pass.TypesInfo.Defs[t])
	for i, call := range parallel {
		if i > 0 {
			report(pass, call, fmt.Sprintf("%s is parallel already (%s): t.Parallel panics when it is called twice",
				test.Name.Name, funcs.place(parallel[0].Pos())), withoutCall(pass, test, call)...)
		}
	}
	why := funcs.known[obj]
	switch {
	case len(parallel) == 0 && why == nil:
		report(pass, test.Name, test.Name.Name+" can be parallel", addParallel(pass, test, t)...)
	case len(parallel) == 0:
		report(pass, test.Name, fmt.Sprintf("%s can't be parallel: it %s", test.Name.Name, why))
	case why != nil && why.Panics:
		report(pass, test.Name, fmt.Sprintf("%s is parallel, and %s, which panics there", test.Name.Name, why))
	}
}

// parallels returns the statements of a test that make it parallel, in order. They are in
// the test's own body, so they are always run.
func (f *functions) parallels(fn *ast.FuncDecl, t types.Object) (found []ast.Stmt) {
	for _, s := range fn.Body.List {
		if f.makesParallel(s, t, map[*types.Func]bool{}) {
			found = append(found, s)
		}
	}
	return found
}

// makesParallel reports whether a statement calls t.Parallel, or calls a function of this
// package with t whose body has a statement that calls it.
func (f *functions) makesParallel(s ast.Stmt, t types.Object, seen map[*types.Func]bool) bool {
	var call *ast.CallExpr
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, _ = ast.Unparen(s.X).(*ast.CallExpr)
	case *ast.AssignStmt:
		if len(s.Rhs) == 1 {
			call, _ = ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
		}
	}
	if call == nil || t == nil {
		return false
	}
	isT := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && f.pass.TypesInfo.Uses[id] == t
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && isT(sel.X) {
		return callee(f.pass, call) == "testing.T.Parallel"
	}
	called := f.called(call)
	decl := f.decls[called]
	if decl == nil || seen[called] {
		return false
	}
	seen[called] = true
	for i, arg := range call.Args {
		if param := paramAt(f.pass, decl, i); param != nil && isT(arg) {
			for _, s := range decl.Body.List {
				if f.makesParallel(s, param, seen) {
					return true
				}
			}
		}
	}
	return false
}

// paramAt returns the variable of a function's nth parameter, or nil if it has no name.
func paramAt(pass *analysis.Pass, decl *ast.FuncDecl, n int) types.Object {
	for _, field := range decl.Type.Params.List {
		for _, name := range field.Names {
			if n == 0 {
				return pass.TypesInfo.Defs[name]
			}
			n--
		}
	}
	return nil
}

func addParallel(pass *analysis.Pass, test *ast.FuncDecl, t *ast.Ident) []analysis.SuggestedFix {
	if t.Name == "_" {
		return nil
	}
	file := pass.Fset.File(test.Pos())
	call := "\t" + t.Name + ".Parallel()\n"
	pos := test.Body.Lbrace + 1
	if line := file.Line(pos); line < file.Line(test.Body.Rbrace) {
		pos = file.LineStart(line + 1) // a comment may follow the brace
	} else {
		call = "\n" + call
	}
	return []analysis.SuggestedFix{fix("Add t.Parallel", pos, pos, call)}
}

// withoutCall returns the fix that removes a statement t.Parallel().
func withoutCall(pass *analysis.Pass, test *ast.FuncDecl, s ast.Stmt) []analysis.SuggestedFix {
	e, ok := s.(*ast.ExprStmt)
	if !ok || callee(pass, e.X) != "testing.T.Parallel" {
		return nil
	}
	end := test.Body.Rbrace
	for _, next := range test.Body.List {
		if next.Pos() > s.Pos() {
			end = next.Pos()
			break
		}
	}
	file := pass.Fset.File(s.Pos())
	if line := file.Line(s.Pos()); line < file.Line(end) {
		start := file.LineStart(line)
		return []analysis.SuggestedFix{fix("Take the second t.Parallel out", start, file.LineStart(line+1), "")}
	}
	return []analysis.SuggestedFix{fix("Take the second t.Parallel out", s.Pos(), end, "")}
}

// place returns pos as file:line.
func (f *functions) place(pos token.Pos) string { return placeOf(f.pass, pos) }

// inSelector returns the selector that ends with the identifier at cur, or else cur.
func inSelector(cur inspector.Cursor) inspector.Cursor {
	if cur.ParentEdgeKind() == edge.SelectorExpr_Sel {
		return cur.Parent()
	}
	return cur
}
