package scopecheck

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Setenv reports t.Setenv where envtest.Setenv would do.
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

// A reads fact lists the variables that a package reads by a constant name.
type reads struct {
	Env []string // through package env
	OS  []string // through package os
}

func (*reads) AFact()           {}
func (r *reads) String() string { return fmt.Sprintf("reads env%q os%q", r.Env, r.OS) }

var (
	isEnvReader = is(envPath+".Get", envPath+".Lookup", envPath+".Getenv", envPath+".NewKey",
		envPath+".View.Getenv", envPath+".View.Lookup")
	isOSReader = is("os.Getenv", "os.LookupEnv")
	isSetenv   = is("testing.T.Setenv", "testing.TB.Setenv")
	isSerial   = is("testing.T.Chdir", "testing.TB.Chdir", scopePath+"/scopetest.SetGlobal")
)

func runSetenv(pass *analysis.Pass) (any, error) {
	scoped := scopedNames(pass)
	if len(scoped) == 0 {
		return nil, nil
	}
	for test := range root(pass).Preorder((*ast.FuncDecl)(nil)) {
		for _, c := range setenvs(pass, test, scoped) {
			name := constantName(pass, c)
			report(pass, c, fmt.Sprintf("t.Setenv makes this test serial, and %s is read through package env: use envtest.Setenv", name), useEnvtest(pass, c)...)
		}
	}
	return nil, nil
}

// scopedNames returns the variables that are read through package env, and not
// otherwise, in the package and those below it. It exports what it found here.
func scopedNames(pass *analysis.Pass) map[string]bool {
	own := new(reads)
	for name, c := range calls(pass, func(n funcName) bool { return isEnvReader(n) || isOSReader(n) }) {
		switch v := constantName(pass, c); {
		case v == "":
		case isOSReader(name):
			own.OS = append(own.OS, v)
		case !inTest(pass, c): // what a test reads itself is how it tests
			own.Env = append(own.Env, v)
		}
	}
	if len(own.Env)+len(own.OS) > 0 {
		pass.ExportPackageFact(own)
	}
	facts := []*reads{own}
	for _, f := range pass.AllPackageFacts() {
		facts = append(facts, f.Fact.(*reads))
	}
	scoped := map[string]bool{}
	for _, f := range facts {
		for _, name := range f.Env {
			scoped[name] = true
		}
	}
	for _, f := range facts {
		for _, name := range f.OS {
			delete(scoped, name)
		}
	}
	return scoped
}

// setenvs returns the calls of t.Setenv in a function, none if one of them, or
// something else, is a reason to be serial.
func setenvs(pass *analysis.Pass, test inspector.Cursor, scoped map[string]bool) (found []call) {
	for name, cur := range named(pass, test, func(n funcName) bool { return isSetenv(n) || isSerial(n) }) {
		c, ok := callOf(cur)
		if isSerial(name) || !ok || !scoped[constantName(pass, c)] {
			return nil
		}
		found = append(found, c)
	}
	return found
}

// constantName returns the first of the call's arguments that is a constant
// string, "" if there is none: the variable's name in all that is looked at here.
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

// useEnvtest returns the fix that makes t.Setenv(name, value) of the call
// envtest.Setenv(t, name, value).
func useEnvtest(pass *analysis.Pass, c call) []analysis.SuggestedFix {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || pass.TypesInfo.Selections[sel] == nil || pass.TypesInfo.Selections[sel].Kind() != types.MethodVal {
		return nil
	}
	t, ok := sel.X.(*ast.Ident)
	if !ok {
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
