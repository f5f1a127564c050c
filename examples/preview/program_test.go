package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// The program as it is run, built as the tests are, for the same carrier: it ends by itself, and prints what README.md
// shows.
func TestProgramPrintsTheTableOfTheReadme(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "preview")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	args := []string{"build", "-o", program}
	if scope.Carrier() == "gls" {
		args = append(args, "-tags=scope_portable")
	}
	out, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	require.NoError(t, err, "%s", out)

	out, err = exec.Command(program).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, readme(t), "```\n"+string(out)+"```\n")
}

// The Go that README.md shows stands in the program.
func TestReadmeShowsCodeThatRuns(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var code strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		code.Write(b)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		for line := range strings.Lines(b[1]) {
			assert.Contains(t, code.String(), strings.TrimSpace(line))
		}
	}
}

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("README.md")
	require.NoError(t, err)
	return string(b)
}
