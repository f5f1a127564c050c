package readme

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the README shows as Go must stand in this package, line for line but
// for indentation, where it is compiled and run.
func TestReadmeShowsCodeThatRuns(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var code string
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		code += flat(string(b))
	}
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)

	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)

	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		for part := range strings.SplitSeq(b[1], "\n\n") {
			assert.Contains(t, code, flat(part))
		}
	}
}

// flat is a text with its lines joined and white space folded.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }
