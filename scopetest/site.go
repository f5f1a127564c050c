package scopetest

import (
	"runtime"
	"slices"
	"strings"
)

// A site is the place where a test was given bindings.
type site struct {
	pc       uintptr
	reported bool // the package that gave them reports them itself
}

// reporters has the packages that report for themselves when a test fails. They import
// this package, so it knows only their names.
var reporters = []string{
	"github.com/scopetree/scope/httpx/httpxtest.",
	"github.com/scopetree/scope/logx/logtest.",
}

// caller returns the place where the function that calls it was called. If that is in a
// package of test helpers, caller returns the line of the test file below.
func caller() site {
	pcs := make([]uintptr, 32)
	pcs = pcs[:runtime.Callers(3, pcs)]
	var s site
	for i, pc := range pcs {
		f, _ := runtime.CallersFrames(pcs[i : i+1]).Next()
		test := strings.HasSuffix(f.File, "_test.go")
		if i == 0 {
			s.pc = pc
			s.reported = slices.ContainsFunc(reporters, func(p string) bool { return strings.HasPrefix(f.Function, p) })
		}
		if test {
			s.pc = pc
			break
		}
	}
	return s
}
