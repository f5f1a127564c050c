package clients

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A hook is the line in a client's test file that connects the client to
// package httpx.
type hook struct{ file, line string }

// findHooks reads the hooks in the source, by the clients' names.
func findHooks(t *testing.T) map[string]hook {
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	hooks := make(map[string]hook)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		lines := strings.Split(string(source), "\n")
		positions := token.NewFileSet()
		tree, err := parser.ParseFile(positions, file, source, parser.ParseComments)
		require.NoError(t, err)
		for name, literal := range literals(tree) {
			for _, comment := range tree.Comments {
				if literal.Pos() < comment.Pos() && comment.End() < literal.End() && comment.Text() == "the hook\n" {
					code, _, _ := strings.Cut(lines[positions.Position(comment.Pos()).Line-1], "//")
					hooks[name] = hook{file, strings.TrimSuffix(strings.Join(strings.Fields(code), " "), ",")}
				}
			}
		}
	}
	return hooks
}

// literals returns the clients in a file, by name.
func literals(file *ast.File) map[string]*ast.CompositeLit {
	found := make(map[string]*ast.CompositeLit)
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if kind, ok := literal.Type.(*ast.Ident); !ok || kind.Name != "client" {
			return true
		}
		for _, e := range literal.Elts {
			if field, ok := e.(*ast.KeyValueExpr); ok && field.Key.(*ast.Ident).Name == "name" {
				name, _ := strconv.Unquote(field.Value.(*ast.BasicLit).Value)
				found[name] = literal
			}
		}
		return true
	})
	return found
}
