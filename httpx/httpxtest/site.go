package httpxtest

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

const thisPackage = "github.com/scopetree/scope/httpx/httpxtest."

// caller returns file:line of the call of this package: of the innermost frame outside of
// it, or in one of its own tests.
func caller() string {
	return firstFrame(func(f runtime.Frame) bool {
		return !strings.HasPrefix(f.Function, thisPackage) || inTest(f)
	})
}

// testLine returns file:line of the innermost frame in a test file, or "" if there is
// none.
func testLine() string { return firstFrame(inTest) }

func inTest(f runtime.Frame) bool { return strings.HasSuffix(f.File, "_test.go") }

// firstFrame returns file:line of the innermost frame for which wanted returns true.
func firstFrame(wanted func(runtime.Frame) bool) string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if wanted(f) {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}
