package scopecheck

import "golang.org/x/tools/go/analysis"

// Analyzers returns the checks of this package, in a new slice, by name.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{AfterFunc, Attach, Discarded, GLSGo, LocalKey, LostCtx, OwnClient, Setenv}
}
