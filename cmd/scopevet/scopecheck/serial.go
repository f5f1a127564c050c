package scopecheck

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// A serial is a fact that says why a function must not be called while others run.
type serial struct{ Hazard hazard }

func (*serial) AFact() {}

func (s *serial) String() string { return s.Hazard.String() }

// A hazard is the reason why a function can't run beside others. Its fields are exported
// for package gob.
type hazard struct {
	What   string // "writes the package variable Timeout"
	Where  string // file:line
	By     string // the function that does it; "" for the function itself
	Call   string // the call that leads there, with file:line
	Panics bool   // in a parallel test
}

func (h *hazard) String() string {
	if h.By == "" {
		return fmt.Sprintf("%s (%s)", h.What, h.Where)
	}
	return fmt.Sprintf("calls %s, and %s %s (%s)", h.Call, h.By, h.What, h.Where)
}

// through returns the hazard of a function that calls another function, which has the
// hazard.
func (h *hazard) through(called *types.Func, where string) *hazard {
	made := *h
	if made.By == "" {
		made.By = called.Name()
	}
	made.Call = fmt.Sprintf("%s (%s)", called.Name(), where)
	return &made
}

// functions has the hazards of a package's functions.
type functions struct {
	pass  *analysis.Pass
	all   []*types.Func // in the order of the source, because exported facts must be the same each time
	decls map[*types.Func]*ast.FuncDecl
	at    map[*types.Func]inspector.Cursor
	known map[*types.Func]*hazard
}

func newFunctions(pass *analysis.Pass) *functions {
	f := &functions{
		pass:  pass,
		decls: map[*types.Func]*ast.FuncDecl{},
		at:    map[*types.Func]inspector.Cursor{},
		known: map[*types.Func]*hazard{},
	}
	for cur := range root(pass).Preorder((*ast.FuncDecl)(nil)) {
		decl := cur.Node().(*ast.FuncDecl)
		if obj, ok := pass.TypesInfo.Defs[decl.Name].(*types.Func); ok && decl.Body != nil {
			f.all = append(f.all, obj)
			f.decls[obj], f.at[obj] = decl, cur
		}
	}
	f.find()
	return f
}

// find finds the hazards. Each round finds those that are one call further away. It ends
// when a round finds none. So functions may call each other in circles.
func (f *functions) find() {
	for found := true; found; {
		found = false
		for _, obj := range f.all {
			if f.known[obj] == nil {
				f.known[obj] = f.hazard(f.at[obj])
				found = found || f.known[obj] != nil
			}
		}
	}
}

// export exports the hazards of functions that other packages may call.
func (f *functions) export() {
	for _, obj := range f.all {
		if h := f.known[obj]; h != nil && obj.Exported() && !inTest(f.pass, f.decls[obj]) {
			f.pass.ExportObjectFact(obj, &serial{*h})
		}
	}
}

// hazardOf returns the hazard of a function, or nil if none is known yet.
func (f *functions) hazardOf(obj *types.Func) *hazard {
	if f.decls[obj] != nil {
		return f.known[obj]
	}
	var fact serial
	if f.pass.ImportObjectFact(obj, &fact) {
		return &fact.Hazard
	}
	return nil
}

// hazard returns the first hazard of the function at cur, including its closures.
func (f *functions) hazard(cur inspector.Cursor) *hazard {
	for id := range cur.Preorder((*ast.Ident)(nil)) {
		obj := f.pass.TypesInfo.Uses[id.Node().(*ast.Ident)]
		switch obj := obj.(type) {
		case *types.Var:
			if h := f.variable(id, obj); h != nil {
				return h
			}
		case *types.Func:
			if h := f.function(id, obj.Origin()); h != nil {
				return h
			}
		}
	}
	return nil
}

// function returns the hazard of a function that is named at cur, whether it is called or
// passed on.
func (f *functions) function(cur inspector.Cursor, obj *types.Func) *hazard {
	name := nameOf(obj)
	if name == "" {
		return nil
	}
	where := f.place(cur.Node().Pos())
	if what, ok := hazardous[name]; ok && !asks(f.pass, name, cur) {
		return &hazard{What: what, Where: where, Panics: panicsInParallel(name)}
	}
	if at, ok := callOf(whole(cur)); ok {
		if what := fixedName(f.pass, name, at); what != "" {
			return &hazard{What: what, Where: where}
		}
	}
	h := f.hazardOf(obj)
	if h == nil {
		return nil
	}
	return h.through(obj, where)
}

var panicsInParallel = is("testing.T.Setenv", "testing.TB.Setenv", "testing.T.Chdir", "testing.TB.Chdir", "testing.AllocsPerRun")

// called returns the function that a call calls, or nil if that is not known.
func (f *functions) called(c *ast.CallExpr) *types.Func {
	obj, _ := typeutil.Callee(f.pass.TypesInfo, c).(*types.Func)
	if obj == nil {
		return nil
	}
	return obj.Origin()
}

func placeOf(pass *analysis.Pass, pos token.Pos) string {
	p := pass.Fset.Position(pos)
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}
