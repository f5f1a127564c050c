package scopecheck

import (
	"bytes"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// report reports a finding at n, unless a comment ignores it.
func report(pass *analysis.Pass, n ast.Node, message string, fixes ...analysis.SuggestedFix) {
	switch comment, reason := ignored(pass, n); {
	case reason:
		return
	case comment:
		message += " (the ignore comment needs a reason)"
	}
	pass.Report(analysis.Diagnostic{
		Pos:            n.Pos(),
		End:            n.End(),
		Category:       pass.Analyzer.Name,
		Message:        message,
		SuggestedFixes: fixes,
	})
}

// fix returns a suggested fix with one edit. It replaces the source between two positions
// by text.
func fix(message string, pos, end token.Pos, text string) analysis.SuggestedFix {
	return analysis.SuggestedFix{
		Message:   message,
		TextEdits: []analysis.TextEdit{{Pos: pos, End: end, NewText: []byte(text)}},
	}
}

// ignored reports whether n has a comment that ignores its findings, and whether the
// comment gives a reason. The comment is on the line where n or its statement begins, or
// in the comments that end on the line before and have their lines to themselves.
func ignored(pass *analysis.Pass, n ast.Node) (comment, reason bool) {
	file := pass.Fset.File(n.Pos())
	lines := []int{file.Line(n.Pos()), file.Line(statement(pass, n).Pos())}
	for _, group := range fileOf(pass, n.Pos()).Comments {
		above := slices.Contains(lines, file.Line(group.End())+1)
		for _, c := range group.List {
			words := strings.Fields(c.Text)
			if words[0] == "//scopevet:ignore" && (slices.Contains(lines, file.Line(c.Pos())) || above && alone(pass, c)) {
				comment, reason = true, reason || len(words) > 1
			}
		}
	}
	return comment, reason
}

// statement returns the innermost statement or declaration around n.
func statement(pass *analysis.Pass, n ast.Node) ast.Node {
	cur, _ := root(pass).FindByPos(n.Pos(), n.End())
	for cur := range cur.Enclosing() {
		switch s := cur.Node().(type) {
		case ast.Stmt, ast.Spec:
			return s
		}
	}
	return n
}

// alone reports whether only white space is before the comment on its line.
func alone(pass *analysis.Pass, c *ast.Comment) bool {
	file := pass.Fset.File(c.Pos())
	src, err := pass.ReadFile(file.Name())
	if err != nil {
		return false
	}
	end := file.Offset(c.Pos())
	if end > len(src) {
		return false
	}
	start := bytes.LastIndexByte(src[:end], '\n') + 1
	return len(bytes.TrimSpace(src[start:end])) == 0
}
