package scopetest

import (
	"runtime"
	"slices"
	"strings"
)

// A site is where a test was given bindings.
type site struct {
	pc       uintptr
	reported bool // by the package that gave them, so that no report here repeats it
}

// reporters are the packages that say by themselves, when a test fails, what came to
// them. They build on this one, so that their names are all that is known of them
// here.
var reporters = []string{
	"github.com/scopetree/scope/httpx/httpxtest.",
	"github.com/scopetree/scope/logx/logtest.",
}

// caller returns where the function that calls it was called: in a test's file,
// or, where that is some package's that helps tests, the test's line below.
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
