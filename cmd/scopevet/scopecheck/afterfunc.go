package scopecheck

import (
	"fmt"
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
)

// AfterFunc reports functions for timers that read a scope. A timer's function has none.
var AfterFunc = &analysis.Analyzer{
	Name: "afterfunc",
	Doc: `a timer's function that reads the goroutine's scope

The runtime starts the function of time.AfterFunc, on a goroutine that descends
from none. So it has no scope: a key has its default there, and a request without
a context has no route.

Wrong:

	time.AfterFunc(wait, func() { charge(PaymentsURL.Get()) })

Right:

	time.AfterFunc(wait, scope.Wrap(ctx, func() { charge(PaymentsURL.Get()) }))

Reported are function literals that call Get of a key, env.Getenv, or one of
package http's functions and methods that send a request without a context. What
those that they call do is not looked at. There is no fix: only you know which
context it is.`,
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runAfterFunc,
}

var (
	isAfterFunc = is("time.AfterFunc")
	isAmbient   = is(scopePath+".Key.Get", envPath+".Getenv",
		"net/http.Get", "net/http.Head", "net/http.Post", "net/http.PostForm",
		"net/http.Client.Get", "net/http.Client.Head", "net/http.Client.Post", "net/http.Client.PostForm")
)

func runAfterFunc(pass *analysis.Pass) (any, error) {
	if !knowsScopes(pass.Pkg) {
		return nil, nil
	}
	for _, c := range calls(pass, isAfterFunc) {
		if len(c.Args) != 2 {
			continue
		}
		f, ok := ast.Unparen(c.Args[1]).(*ast.FuncLit)
		if !ok {
			continue
		}
		cur, ok := root(pass).FindNode(f.Body)
		if !ok {
			continue
		}
		for name := range named(pass, cur, isAmbient) {
			report(pass, c, fmt.Sprintf("the function runs on a goroutine of the runtime's, in no scope, and calls %s: use scope.Wrap", name.short()))
			break
		}
	}
	return nil, nil
}
