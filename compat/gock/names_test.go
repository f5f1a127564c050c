package gock_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const original = "github.com/h2non/gock"

var update = flag.Bool("update", false, "write the table in README.md anew")

// differs says why a name of the original is different or missing here.
var differs = map[string]string{
	"DefaultTransport": "answers from the store of the test that sends",
	"NativeTransport":  "http.DefaultTransport, which is not replaced",
	"Transport":        "answers from the store of the test that sends",
	"NewTransport":     "the same, for this test",
	"Off":              "the end of the test does so by itself",
}

// Every exported name of the original is here, or the README says why it is not.
func TestEveryNameOfTheOriginalIsHere(t *testing.T) {
	t.Parallel()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", original).Output()
	require.NoError(t, err)
	theirs, ours := exported(t, strings.TrimSpace(string(dir))), exported(t, ".")
	var table strings.Builder
	table.WriteString("| name | here |\n|---|---|\n")
	for _, name := range theirs {
		why, other := differs[name]
		here := slices.Contains(ours, name)
		switch {
		case !other && here:
			why = "the same"
			if slices.Contains(perTest, name) {
				why = "the same, for this test"
			}
		case !other:
			t.Errorf("%s: not here, and nothing says why", name)
		default:
			assert.Equal(t, !strings.HasPrefix(why, "not here"), here, name)
		}
		fmt.Fprintf(&table, "| `%s` | %s |\n", name, why)
	}
	const mark = "<!-- the table is made by a test -->\n"
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	before, _, ok := bytes.Cut(page, []byte(mark))
	require.True(t, ok)
	want := string(before) + mark + table.String()
	if *update {
		require.NoError(t, os.WriteFile("README.md", []byte(want), 0o666))
		return
	}
	assert.Equal(t, want, string(page), "run go test with -update")
}

// perTest has functions that differ from the original's only in that they apply to the
// test's mocks.
var perTest = []string{
	"Clean", "CleanUnmatchedRequest", "Disable", "DisableNetworking", "DisableNetworkingFilters", "EnableNetworking", "Exists", "Flush",
	"GetAll", "GetUnmatchedRequests", "HasUnmatchedRequest", "Intercept", "InterceptClient", "Intercepting", "IsDone", "IsPending",
	"MatchMock", "NetworkingFilter", "New", "Observe", "OffAll", "Pending", "Register", "Remove", "RestoreClient",
}

// exported returns the exported names of the package in a folder.
func exported(t *testing.T, dir string) (names []string) {
	packages, err := parser.ParseDir(token.NewFileSet(), dir, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	require.NoError(t, err)
	for _, p := range packages {
		d := doc.New(p, "x", 0)
		for _, f := range d.Funcs {
			names = append(names, f.Name)
		}
		for _, v := range append(d.Vars, d.Consts...) {
			names = append(names, v.Names...)
		}
		for _, typ := range d.Types {
			names = append(names, typ.Name)
			for _, f := range typ.Funcs {
				names = append(names, f.Name)
			}
			for _, v := range append(typ.Vars, typ.Consts...) {
				names = append(names, v.Names...)
			}
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !ast.IsExported(n) })
	slices.Sort(names)
	return slices.Compact(names)
}
