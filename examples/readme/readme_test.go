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

// The Go code in the README and in the pages of docs must be part of an example
// that is compiled and run. Only the indentation may differ. Packages may have
// their examples in their own folder.
func TestDocumentsShowCodeThatRuns(t *testing.T) {
	t.Parallel()
	var files []string
	for _, dir := range []string{"..", "../../logx", "../../grpcscope", "../../dbx", "../../conformance"} {
		for _, pattern := range []string{"/*.go", "/*/*.go"} { // nested modules, too
			list, err := filepath.Glob(dir + pattern)
			require.NoError(t, err)
			files = append(files, list...)
		}
	}
	var code string
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		code += flat(string(b))
	}
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)

	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1)
		for _, b := range blocks {
			for part := range strings.SplitSeq(b[1], "\n\n") {
				assert.True(t, strings.Contains(code, flat(part)), "%s: no example has\n%s", page, part)
			}
		}
	}
}

// flat returns s on one line, with single spaces.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }
