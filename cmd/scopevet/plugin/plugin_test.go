package plugin_test

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"

	_ "github.com/scopetree/scope/cmd/scopevet/plugin"
	"github.com/scopetree/scope/cmd/scopevet/scopecheck"
)

func TestThePluginHasAllChecks(t *testing.T) {
	t.Parallel()
	linter, err := build(t, nil)
	require.NoError(t, err)
	checks, err := linter.BuildAnalyzers()
	require.NoError(t, err)
	assert.Equal(t, scopecheck.Analyzers(), checks)
	assert.NoError(t, analysis.Validate(checks))
	assert.Equal(t, register.LoadModeTypesInfo, linter.GetLoadMode())
}

func TestThePluginLeavesOutWhatIsDisabled(t *testing.T) {
	t.Parallel()
	linter, err := build(t, map[string]any{"disable": []any{"glsgo", "attach", "glsgo"}})
	require.NoError(t, err)
	checks, err := linter.BuildAnalyzers()
	require.NoError(t, err)
	assert.Len(t, checks, len(scopecheck.Analyzers())-2)
	assert.NotContains(t, checks, scopecheck.Attach)
	assert.NotContains(t, checks, scopecheck.GLSGo)
}

func TestThePluginRunsParallelWhereItIsAskedTo(t *testing.T) {
	t.Parallel()
	linter, err := build(t, map[string]any{"parallel": true})
	require.NoError(t, err)
	checks, err := linter.BuildAnalyzers()
	require.NoError(t, err)
	assert.Contains(t, checks, scopecheck.Parallel)
	assert.Len(t, checks, len(scopecheck.Analyzers())+1)
}

func TestThePluginRefusesSettingsThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	_, err := build(t, map[string]any{"disable": []any{"glsgone"}})
	assert.EqualError(t, err, `scopevet: disable: there is no check "glsgone"`)
	_, err = build(t, map[string]any{"enable": "all"})
	assert.ErrorContains(t, err, `unknown field "enable"`)
}

// build makes the linter as golangci-lint does: by name, with the settings of
// the configuration file.
func build(t *testing.T, settings any) (register.LinterPlugin, error) {
	t.Helper()
	linter, err := register.GetPlugin("scopevet")
	require.NoError(t, err)
	return linter(settings)
}
