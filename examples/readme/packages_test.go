package readme

import (
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The table of packages in docs/README.md lists exactly the packages that users can
// import. A star marks a package in a module of its own.
func TestTheTableOfPackagesIsComplete(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("git", "-C", "../..", "ls-files", "--cached", "--others", "--exclude-standard", "*.go", "*go.mod").Output()
	if err != nil {
		t.Skipf("this is no checkout: %v", err)
	}
	var dirs, modules []string
	for file := range strings.FieldsSeq(string(out)) {
		switch dir := path.Dir(file); {
		case path.Base(file) == "go.mod":
			modules = append(modules, dir)
		case !strings.HasSuffix(file, "_test.go") && isPublic(dir) && !slices.Contains(dirs, dir):
			dirs = append(dirs, dir)
		}
	}
	var want []string
	for _, dir := range dirs {
		name := "`" + dir + "`"
		if dir == "." {
			name = "`scope`"
		}
		if slices.ContainsFunc(modules, func(m string) bool { return m != "." && (dir == m || strings.HasPrefix(dir, m+"/")) }) {
			name += " *"
		}
		want = append(want, name)
	}

	page, err := os.ReadFile("../../docs/README.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "## Packages\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	var got []string
	for _, row := range regexp.MustCompile(`(?m)^\| (.*?) \| .*$`).FindAllStringSubmatch(table, -1) {
		star := ""
		if strings.HasSuffix(row[1], " *") {
			star = " *"
		}
		for _, name := range regexp.MustCompile("`[^`]+`").FindAllString(row[1], -1) {
			got = append(got, name+star)
		}
	}
	assert.ElementsMatch(t, want, got)
}

// isPublic reports whether a folder has code for users of this repository.
func isPublic(dir string) bool {
	for _, own := range []string{"bench", "conformance", "examples", "tools"} {
		if dir == own || strings.HasPrefix(dir, own+"/") {
			return false
		}
	}
	return !slices.Contains(strings.Split(dir, "/"), "internal") && !strings.Contains(dir, "testdata") && dir != "cmd/scopevet/scopecheck"
}
