package scope_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/scopetree/scope"

// stairs has the steps that imports go down. A package may import packages of lower
// steps, and packages in its own internal directory. A directory without a line here is
// on the step of the directory around it.
var stairs = map[string]int{
	"internal/carrier": 0,
	"internal/engine":  1,
	"internal/serial":  0,

	"httpx/internal/issuer":  1,
	"httpx/internal/address": 1,

	".":               2,
	"env":             3,
	"httpx":           3,
	"dbx":             3,
	"logx":            3,
	"propagation":     3,
	"debug":           3,
	"scopetest":       3,
	"httpx/wire":      4,
	"httpx/httpxtest": 4,
	"env/envtest":     4,
	"logx/logtest":    4,
	"examples":        5,
}

// A source is what the files of a directory, other than tests, import and say.
type source struct {
	imports  []string
	linkname bool
}

// sources parses the module, by directory.
func sources(t *testing.T) map[string]*source {
	t.Helper()
	dirs := map[string]*source{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(file, "go.mod")); file != "." && (err == nil || strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return fs.SkipDir // a module of its own, or no part of any
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(file))
		if dirs[dir] == nil {
			dirs[dir] = &source{}
		}
		dirs[dir].add(f, string(text))
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, dirs, "internal/carrier")
	return dirs
}

func (s *source) add(f *ast.File, text string) {
	for _, spec := range f.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		s.imports = append(s.imports, name)
	}
	s.linkname = s.linkname || strings.Contains(text, "\n//go:linkname")
}

// step returns the step of a directory, or that of the nearest one around it.
func step(dir string) (int, bool) {
	for ; ; dir = path.Dir(dir) {
		if n, ok := stairs[dir]; ok {
			return n, dir != "."
		}
	}
}

func TestImportsGoDownTheStairs(t *testing.T) {
	t.Parallel()
	for dir, source := range sources(t) {
		from, known := step(dir)
		assert.True(t, known || dir == ".", "%s has no step: give it one", dir)
		for _, name := range source.imports {
			to, ok := inModule(name)
			if !ok || within(to, dir, "internal") || within(dir, "examples") && within(to, "examples") {
				continue
			}
			down, _ := step(to)
			assert.Less(t, down, from, "%s imports %s", dir, to)
		}
	}
}

func TestTheRootImportsNeitherHTTPNorTesting(t *testing.T) {
	t.Parallel()
	dirs := sources(t)
	seen := map[string]bool{}
	var visit func(dir string)
	visit = func(dir string) {
		if seen[dir] {
			return
		}
		seen[dir] = true
		for _, name := range dirs[dir].imports {
			assert.False(t, within(name, "net") || within(name, "testing"), "%s imports %s", dir, name)
			if to, ok := inModule(name); ok {
				visit(to)
			}
		}
	}
	visit(".")
	assert.True(t, seen["internal/engine"])
	assert.True(t, seen["internal/carrier"])
}

func TestOnlyTheCarrierIsTricky(t *testing.T) {
	t.Parallel()
	for dir, source := range sources(t) {
		if dir == "internal/carrier" {
			assert.Contains(t, source.imports, "unsafe")
			assert.Contains(t, source.imports, "github.com/jtolds/gls")
			assert.True(t, source.linkname)
			continue
		}
		assert.NotContains(t, source.imports, "unsafe", dir)
		assert.False(t, slices.ContainsFunc(source.imports, func(name string) bool { return strings.HasSuffix(name, "/gls") }), dir)
		assert.False(t, source.linkname, "%s has a go:linkname", dir)
	}
}

func TestTheLowestStepKnowsNoPackageOfThisModule(t *testing.T) {
	t.Parallel()
	for _, name := range sources(t)["internal/carrier"].imports {
		assert.False(t, within(name, module), name)
	}
}

// inModule returns the directory of a package of this module.
func inModule(name string) (dir string, ok bool) {
	if !within(name, module) {
		return "", false
	}
	return path.Join(".", strings.TrimPrefix(name, module)), true
}

// within reports whether name is in the directory that the elements make.
func within(name string, elem ...string) bool {
	dir := path.Join(elem...)
	return name == dir || strings.HasPrefix(name, dir+"/")
}
