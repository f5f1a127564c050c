package carrier

import (
	"runtime"
	"strings"
)

// goroutineIn returns the id in "goroutine 18 [running]:" or "goroutine 7".
func goroutineIn(text string) string {
	id, ok := strings.CutPrefix(text, "goroutine ")
	if !ok {
		return ""
	}
	id, _, _ = strings.Cut(id, " ")
	return id
}

// goid returns the running goroutine's id. Ids are not reused.
func goid() string {
	var line [32]byte
	return goroutineIn(string(line[:runtime.Stack(line[:], false)]))
}
