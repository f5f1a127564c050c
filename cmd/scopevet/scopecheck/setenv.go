package scopecheck

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Setenv reports calls of t.Setenv that envtest.Setenv can replace.
var Setenv = &analysis.Analyzer{
	Name: "setenv",
	Doc: `t.Setenv of a variable that the program reads through package env

t.Setenv changes the environment of the process, so its test can't be parallel.
A variable that the tested code reads through package env can be set for one
test alone, and the test can be parallel.

Wrong:

	func TestCharge(t *testing.T) {
		t.Setenv("PAYMENTS_URL", fake.URL) // and charge calls env.Get(ctx, "PAYMENTS_URL")

Right:

	func TestCharge(t *testing.T) {
		t.Parallel()
		envtest.Setenv(t, "PAYMENTS_URL", fake.URL)

Reported are names that the package, or one that it imports, directly or not,
gives to package env as a constant. Code that does not use env hears nothing,
and neither does a test that must be serial for another reason: t.Chdir,
scopetest.SetGlobal, or a t.Setenv of another name, or of one that somebody
reads with os.Getenv or os.LookupEnv too.

The fix calls envtest.Setenv and leaves t.Parallel to you.`,
	Requires:  []*analysis.Analyzer{inspect.Analyzer},
	FactTypes: []analysis.Fact{new(reads)},
	Run:       runSetenv,
}

// A reads is a fact that lists the variables that a package reads by a constant name, or
// that its imports read, directly or not. It has them all, because go vet shows a package
// only the facts of its direct imports.
type reads struct {
	Env []string // variables that are read through package env
	OS  []string // variables that are read through package os
}

func (*reads) AFact() {}

// scoped reports whether a variable is read only through package env.
func (r *reads) scoped(name string) bool {
	return slices.Contains(r.Env, name) && !slices.Contains(r.OS, name)
}

var (
	isEnvReader = is(envPath+".Get", envPath+".Lookup", envPath+".Getenv", envPath+".NewKey",
		envPath+".View.Getenv", envPath+".View.Lookup")
	isOSReader = is("os.Getenv", "os.LookupEnv")
	isSetenv   = is("testing.T.Setenv", "testing.TB.Setenv")
	isSerial   = is("testing.T.Chdir", "testing.TB.Chdir", scopePath+"/scopetest.SetGlobal")
)

func runSetenv(pass *analysis.Pass) (any, error) {
	all := readsOf(pass)
	if len(all.Env) == 0 {
		return nil, nil
	}
	for test := range root(pass).Preorder((*ast.FuncDecl)(nil)) {
		for _, c := range setenvs(pass, test, all) {
			name := constantName(pass, c)
			report(pass, c, fmt.Sprintf("t.Setenv makes this test serial, and %s is read through package env: use envtest.Setenv", name), useEnvtest(pass, c)...)
		}
	}
	return nil, nil
}

// readsOf returns the package's fact, and exports it.
func readsOf(pass *analysis.Pass) *reads {
	all := new(reads)
	for name, c := range calls(pass, func(n funcName) bool { return isEnvReader(n) || isOSReader(n) }) {
		switch v := constantName(pass, c); {
		case v == "":
		case isOSReader(name):
			all.OS = append(all.OS, v)
		case !inTest(pass, c): // reads of tests don't count
			all.Env = append(all.Env, v)
		}
	}
	for _, p := range pass.Pkg.Imports() {
		var below reads
		if pass.ImportPackageFact(p, &below) {
			all.Env, all.OS = append(all.Env, below.Env...), append(all.OS, below.OS...)
		}
	}
	all.Env, all.OS = sorted(all.Env), sorted(all.OS)
	if len(all.Env)+len(all.OS) > 0 {
		pass.ExportPackageFact(all)
	}
	return all
}

// sorted returns the names in order, each once. Exported facts are cached, and must be
// the same each time.
func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// setenvs returns the calls of t.Setenv in a function. It returns none if one of them, or
// something else, is a reason to be serial.
func setenvs(pass *analysis.Pass, test inspector.Cursor, all *reads) (found []call) {
	for name, cur := range named(pass, test, func(n funcName) bool { return isSetenv(n) || isSerial(n) }) {
		c, ok := callOf(cur)
		if isSerial(name) || !ok || !all.scoped(constantName(pass, c)) {
			return nil
		}
		found = append(found, c)
	}
	return found
}

// constantName returns the first argument of the call that is a constant string, or "" if
// there is none. In all calls that this check looks at, it is the variable's name.
func constantName(pass *analysis.Pass, c call) string {
	for _, arg := range c.Args {
		t := pass.TypesInfo.TypeOf(arg)
		if b, ok := t.Underlying().(*types.Basic); !ok || b.Info()&types.IsString == 0 {
			continue // a context, or the t of a method expression
		}
		if v := pass.TypesInfo.Types[arg].Value; v != nil {
			return constant.StringVal(v)
		}
		return ""
	}
	return ""
}

// useEnvtest returns the fix that replaces t.Setenv(name, value) by envtest.Setenv(t,
// name, value). t must be a testing.TB.
func useEnvtest(pass *analysis.Pass, c call) []analysis.SuggestedFix {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || pass.TypesInfo.Selections[sel] == nil || pass.TypesInfo.Selections[sel].Kind() != types.MethodVal {
		return nil
	}
	t, ok := sel.X.(*ast.Ident)
	tb := pass.TypesInfo.Selections[sel].Obj().Pkg().Scope().Lookup("TB")
	if !ok || tb == nil || !types.AssignableTo(pass.TypesInfo.TypeOf(t), tb.Type()) {
		return nil
	}
	pkg, edits, ok := importPackage(pass, c.Pos(), envPath+"/envtest")
	if !ok {
		return nil
	}
	return []analysis.SuggestedFix{{
		Message: "Use envtest.Setenv",
		TextEdits: append(edits,
			analysis.TextEdit{Pos: c.Fun.Pos(), End: c.Fun.End(), NewText: []byte(pkg + "Setenv")},
			analysis.TextEdit{Pos: c.Args[0].Pos(), End: c.Args[0].Pos(), NewText: []byte(t.Name + ", ")},
		),
	}}
}
