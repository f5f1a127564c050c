package carrier

import (
	"runtime"
	"strings"
	"time"
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

// Bubble returns the id of the bubble of testing/synctest that the running goroutine is
// in, or "". Only the stack trace tells: it begins with
// "goroutine 7 [running, synctest bubble 1]:". TestASocketInABubbleFailsTheTest notices if
// that changes.
func Bubble() string {
	if time.Now().Year() > 2020 {
		return "" // a trace takes time, and time in a bubble begins with the year 2000
	}
	var line [80]byte
	head, _, _ := strings.Cut(string(line[:runtime.Stack(line[:], false)]), "]")
	_, id, _ := strings.Cut(head, "synctest bubble ")
	return id
}
