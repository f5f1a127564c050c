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
	if !time.Now().Before(began) {
		return "" // or in a bubble that has slept for decades
	}
	return bubble()
}

// InBubble reports whether the running goroutine is in the bubble with this id, or in none
// if the id is "".
func InBubble(id string) bool {
	if id == "" {
		return Bubble() == ""
	}
	return bubble() == id
}

// began is when the process began. Time in a bubble begins with the year 2000.
var began = time.Now()

func bubble() string {
	var line [80]byte
	head := string(line[:runtime.Stack(line[:], false)])
	_, rest, _ := strings.Cut(head, "synctest bubble ")
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	return rest[:max(end, 0)]
}
