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

// The Go code in README.md is part of the program or its tests, which compile and run it.
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
	indent := regexp.MustCompile("(?m)^\t+") // the README shows parts of functions without indentation
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
