package scopecheck

import "golang.org/x/tools/go/analysis"

// Analyzers returns a new slice with the checks that every build can run, sorted by name.
// [Parallel] is not among them.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{AfterFunc, Attach, Discarded, GLSGo, LocalKey, LostCtx, OuterScope, OwnClient, Setenv}
}
