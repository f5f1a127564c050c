package scopetest

import (
	"runtime"
	"strings"
)

// A site is where a test was given bindings.
type site struct {
	pc       uintptr
	reported bool // by who gave them, so that no report here repeats it
}

// reporter is the package that says by itself, when a test fails, where its
// bindings send requests, and which came. It builds on this one, so that its
// name is all that is known of it here.
const reporter = "github.com/scopetree/scope/httpx/httpxtest."

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
			s.reported = strings.HasPrefix(f.Function, reporter)
		}
		if test {
			s.pc = pc
			break
		}
	}
	return s
}
