package scopecheck

import "golang.org/x/tools/go/analysis"

// Analyzers returns the checks that every build can run, in a new slice, by name.
// [Parallel] is not among them.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{AfterFunc, Attach, Discarded, GLSGo, LocalKey, LostCtx, OuterScope, OwnClient, Setenv}
}
