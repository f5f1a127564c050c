package scopecheck

import (
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
)

// GLSGo reports github.com/jtolds/gls.Go.
var GLSGo = &analysis.Analyzer{
	Name: "glsgo",
	Doc: `gls.Go, which is a data race

gls.Go, of github.com/jtolds/gls, gives the new goroutine the live map of its
parent. When the parent's SetValues returns, it changes that map under the
child: a data race, and the child reads the values of somebody else. The scopes
of the gls carrier are values in such a map.

Wrong:

	gls.Go(work)

Right:

	scope.Go(ctx, func(ctx context.Context) { work() })
	go mgr.SetValues(gls.Values{key: value}, work) // values of the program's own

There is no fix: only the author knows which of the two is meant, or both.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runGLSGo,
}

func runGLSGo(pass *analysis.Pass) (any, error) {
	for _, cur := range named(pass, root(pass), is("github.com/jtolds/gls.Go")) {
		report(pass, cur.Node(), "gls.Go shares its goroutine's live map with the new one, a data race: use scope.Go, or go mgr.SetValues(...) with the values")
	}
	return nil, nil
}
