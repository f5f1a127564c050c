// Package plugin makes the checks of scopevet a linter of golangci-lint: a
// module plugin named scopevet.
//
// The README of the module has the lines for .custom-gcl.yml and .golangci.yml.
package plugin

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/scopetree/scope/cmd/scopevet/scopecheck"
)

// golangci-lint's custom build imports this package only for this call.
func init() { register.Plugin("scopevet", New) }

// Settings has the settings of scopevet in .golangci.yml.
type Settings struct {
	Disable  []string `json:"disable"`  // names of checks
	Parallel bool     `json:"parallel"` // run the check parallel, too
}

// New returns the linter. It returns an error for an unknown setting or check.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, fmt.Errorf("scopevet: %w", err)
	}
	checks := scopecheck.Analyzers()
	if s.Parallel {
		checks = append(checks, scopecheck.Parallel)
	}
	for _, name := range s.Disable {
		if !slices.ContainsFunc(checks, func(a *analysis.Analyzer) bool { return a.Name == name }) {
			return nil, fmt.Errorf("scopevet: disable: there is no check %q", name)
		}
	}
	return linter(slices.DeleteFunc(checks, func(a *analysis.Analyzer) bool {
		return slices.Contains(s.Disable, a.Name)
	})), nil
}

type linter []*analysis.Analyzer

func (l linter) BuildAnalyzers() ([]*analysis.Analyzer, error) { return l, nil }

func (linter) GetLoadMode() string { return register.LoadModeTypesInfo }
