package scopecheck_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/scopetree/scope/cmd/scopevet/internal/testmodule"
	"github.com/scopetree/scope/cmd/scopevet/scopecheck"
)

// The code in testdata has a comment on each line with a finding, and the .golden files
// have the results of the suggested fixes. All checks look at all of the code. It is
// loaded only once, because that takes long.
func TestChecksFindAndFix(t *testing.T) {
	t.Parallel()
	all := &analysis.Analyzer{
		Name:      "all",
		Doc:       "all checks",
		Requires:  []*analysis.Analyzer{inspect.Analyzer},
		FactTypes: scopecheck.Setenv.FactTypes,
		Run: func(pass *analysis.Pass) (any, error) {
			var errs []error
			for _, a := range scopecheck.Analyzers() {
				own := *pass
				own.Analyzer = a
				_, err := a.Run(&own)
				errs = append(errs, err)
			}
			return nil, errors.Join(errs...)
		},
	}
	dir := testmodule.New(t, os.DirFS("testdata"))
	analysistest.RunWithSuggestedFixes(findings{t}, dir, all, "./...")
}

// The check parallel has code of its own. Every test in it is serial, by mistake or for a
// reason.
func TestParallelFindsAndFixes(t *testing.T) {
	t.Parallel()
	dir := testmodule.New(t, os.DirFS("testdata/_parallel"))
	analysistest.RunWithSuggestedFixes(findings{t}, dir, scopecheck.Parallel, "./...")
}

// findings is a test that accepts facts without a comment that wants them. Package
// analysistest demands a comment for each fact. The facts of setenv show in its findings,
// and they list everything that the standard library reads.
type findings struct{ *testing.T }

func (t findings) Errorf(format string, args ...any) {
	t.Helper()
	if message := fmt.Sprintf(format, args...); !strings.Contains(message, ": unexpected fact: ") {
		t.Error(message)
	}
}

func TestAnalyzersAreValidAndSorted(t *testing.T) {
	t.Parallel()
	checks := scopecheck.Analyzers()
	require.NoError(t, analysis.Validate(append(scopecheck.Analyzers(), scopecheck.Parallel)))
	assert.IsNonDecreasing(t, names(checks))
}

func TestAnalyzersReturnsANewSlice(t *testing.T) {
	t.Parallel()
	scopecheck.Analyzers()[0] = nil
	assert.NotContains(t, scopecheck.Analyzers(), (*analysis.Analyzer)(nil))
}

func TestEachCheckTellsWrongFromRight(t *testing.T) {
	t.Parallel()
	for _, a := range append(scopecheck.Analyzers(), scopecheck.Parallel) {
		title, rest, _ := strings.Cut(a.Doc, "\n\n")
		assert.NotContains(t, title, "\n", a.Name)
		assert.Contains(t, rest, "\nWrong:\n\n\t", a.Name)
		assert.Contains(t, rest, "\nRight:\n\n\t", a.Name)
		assert.Contains(t, rest, " fix", "%s: it says what is fixed, or why nothing is", a.Name)
	}
}

func names(checks []*analysis.Analyzer) (names []string) {
	for _, a := range checks {
		names = append(names, a.Name)
	}
	return names
}
