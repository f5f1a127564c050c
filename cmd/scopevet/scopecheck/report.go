package scopecheck

import (
	"bytes"
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// report reports a finding at n, unless a comment ignores it.
func report(pass *analysis.Pass, n ast.Node, message string, fixes ...analysis.SuggestedFix) {
	if ignored(pass, n.Pos()) {
		return
	}
	pass.Report(analysis.Diagnostic{
		Pos:            n.Pos(),
		End:            n.End(),
		Category:       pass.Analyzer.Name,
		Message:        message,
		SuggestedFixes: fixes,
	})
}

// fix is a suggested fix of a single edit, which puts text in the place of what
// is between two positions.
func fix(message string, pos, end token.Pos, text string) analysis.SuggestedFix {
	return analysis.SuggestedFix{
		Message:   message,
		TextEdits: []analysis.TextEdit{{Pos: pos, End: end, NewText: []byte(text)}},
	}
}

// ignored says whether the line of pos has a comment that ignores its findings
// and says why, or the line before has nothing else.
func ignored(pass *analysis.Pass, pos token.Pos) bool {
	file := pass.Fset.File(pos)
	line := file.Line(pos)
	for _, group := range fileOf(pass, pos).Comments {
		for _, c := range group.List {
			reason, ok := strings.CutPrefix(c.Text, "//scopevet:ignore ")
			if !ok || strings.TrimSpace(reason) == "" {
				continue
			}
			switch file.Line(c.Pos()) {
			case line:
				return true
			case line - 1:
				if alone(pass, c) {
					return true
				}
			}
		}
	}
	return false
}

// alone says whether nothing but space is before the comment on its line.
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
