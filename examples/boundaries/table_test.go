package boundaries

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The table on the page says the same as TestBoundaries in the root module, row
// by row.
func TestThePagesTableIsTheOneThatIsTested(t *testing.T) {
	t.Parallel()
	tested, err := os.ReadFile("../../boundary_test.go")
	require.NoError(t, err)
	page, err := os.ReadFile("../../docs/boundaries.md")
	require.NoError(t, err)

	var want []string
	for _, row := range regexp.MustCompile(`(?m)^\t\{"(.*?)", "(.*?)", "(.*?)", `).FindAllStringSubmatch(string(tested), -1) {
		want = append(want, strings.Join(row[1:], " | "))
	}
	var got []string
	for _, row := range regexp.MustCompile(`(?m)^\| (.*) \| (A|B|none) \| (A|B|none) \|$`).FindAllStringSubmatch(string(page), -1) {
		got = append(got, strings.Join(row[1:], " | "))
	}
	require.NotEmpty(t, want)
	assert.Equal(t, want, got)
}
