package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The Go that README.md shows stands in the program or in its tests, where it is compiled and run.
func TestReadmeShowsCodeThatRuns(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	files = append(files, "shop/database.go", "shop/config.go", "shop/services.go")
	var code strings.Builder
	for _, f := range files {
		code.Write(read(t, f))
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(read(t, "README.md"), -1)
	require.NotEmpty(t, blocks)
	indent := regexp.MustCompile("(?m)^\t+") // the README shows parts of functions without it
	for _, b := range blocks {
		assert.Contains(t, indent.ReplaceAllString(code.String(), ""), indent.ReplaceAllString(string(b[1]), ""))
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return b
}
