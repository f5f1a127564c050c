package scopecheck

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// importPackage returns the prefix of the names of a package at pos, such as "envtest.".
// If the file does not import the package, it also returns the edit that does. ok is
// false if the package's name means something else there.
func importPackage(pass *analysis.Pass, pos token.Pos, pkgPath string) (qualifier string, edits []analysis.TextEdit, ok bool) {
	file := fileOf(pass, pos)
	var near *ast.ImportSpec // the new import goes behind this one
	for _, spec := range file.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		if p == pkgPath {
			name := pass.TypesInfo.PkgNameOf(spec)
			switch {
			case name == nil || name.Name() == "_":
				return "", nil, false
			case name.Name() == ".":
				return "", nil, true
			}
			_, obj := pass.Pkg.Scope().Innermost(pos).LookupParent(name.Name(), pos)
			return name.Name() + ".", nil, obj == name
		}
		if near == nil || strings.HasPrefix(p, scopePath) || !strings.HasPrefix(near.Path.Value, `"`+scopePath) {
			near = spec
		}
	}
	name := path.Base(pkgPath)
	if _, taken := pass.Pkg.Scope().Innermost(pos).LookupParent(name, pos); taken != nil || near == nil {
		return "", nil, false
	}
	end, text := near.End(), "\n"+strconv.Quote(pkgPath)
	if !grouped(file, near) {
		text = "\nimport " + strconv.Quote(pkgPath)
	}
	if near.Comment != nil {
		end = near.Comment.End()
	}
	return name + ".", []analysis.TextEdit{{Pos: end, End: end, NewText: []byte(text)}}, true
}

// grouped reports whether the import is in parentheses.
func grouped(file *ast.File, spec *ast.ImportSpec) bool {
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Pos() <= spec.Pos() && spec.End() <= g.End() {
			return g.Lparen.IsValid()
		}
	}
	return false
}

// fileOf returns the pass's file that contains pos.
func fileOf(pass *analysis.Pass, pos token.Pos) *ast.File {
	for _, f := range pass.Files {
		if f.FileStart <= pos && pos < f.FileEnd {
			return f
		}
	}
	return nil
}
