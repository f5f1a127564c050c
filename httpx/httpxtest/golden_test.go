package httpxtest_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// varying is what differs from run to run, and what stands in its place.
var varying = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(_test\.go):\d+`), "$1:N"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`(?s)\tError Trace:.*?\n(\tError: )`), "\tError Trace: …\n$1"},
	{regexp.MustCompile(`(?s)goroutine \d+ \[.*`), "goroutine N …"},
	{regexp.MustCompile(`\t/.*?([^/]+\.go:\S+).*`), "\t$1"},
	{regexp.MustCompile(`\(((0x|\{0x)[^()]*)\)\n`), "(…)\n"},
	{regexp.MustCompile(`(httpxtest_test)\.\S+\(…\)`), "$1.reply(…)"},
	{regexp.MustCompile(`\n\tserver\.go:\d+`), "\n\tserver.go:N"},
	{regexp.MustCompile(`(?m)[ \t]+$`), ""},
	{regexp.MustCompile(`(?m)^.*since the carrier is gls.*\n`), ""}, // TestReportSaysThatNothingIsInherited
}

// assertGolden asserts that a text is the one in testdata, but for what varies.
func assertGolden(t *testing.T, name, got string) {
	t.Helper()
	for _, v := range varying {
		got = v.what.ReplaceAllString(got, v.with)
	}
	got += "\n"
	file := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test with -update to write it")
	assert.Equal(t, string(want), got)
}
