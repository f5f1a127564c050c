//go:build gc && !scope_portable

package carrier

import (
	"bytes"
	"runtime"
	"strings"
)

// descended returns the tag that a test has claimed for the running goroutine,
// because of the goroutine that started it, or the one that started that.
//
// Depends on: stack traces, which begin with "goroutine 18 [running]:" and end with
// "created by net/http.(*Server).Serve in goroutine 7".
// Versions:   Go 1.21 and later name the goroutine; CI runs 1.25 to 1.27.
// Sound:      a goroutine's id is no other's, and its parent does not change. Text that
// can't be read says nothing.
// Fails:      a goroutine whose parent had ended before anybody asked is nobody's.
// Guarded by: TestGoroutinesFromBeforeAClaim.
func descended() *Tag {
	id := goid()
	for range maxDepth {
		if t, known := ofGoroutine(id); known {
			return t
		}
		if id = parentOf(id); id == "" {
			return nil
		}
	}
	return nil
}

// maxDepth is how many ancestors are asked.
const maxDepth = 64

// ofTestAround returns the tag of the nearest test whose name begins a test's name,
// nil if there is none. It leaves out tests that only have such a name: a sibling is
// known by a goroutine that package testing started for it, and that did not start
// the running one.
func ofTestAround(test string) *Tag {
	lineage := map[string]bool{}
	for id := goid(); id != "" && len(lineage) < maxDepth; id = parentOf(id) {
		lineage[id] = true
	}
	for {
		around := strings.LastIndexByte(test, '/')
		if around < 0 {
			return nil
		}
		test = test[:around]
		if t, id := claimOf(test); t != nil && !ofAnotherTest(id, lineage) {
			return t
		}
	}
}

// ofAnotherTest says whether a goroutine is of a test that is not in a lineage.
func ofAnotherTest(id string, lineage map[string]bool) bool {
	for range maxDepth {
		if id == "" || lineage[id] {
			return false
		}
		parent := parentOf(id)
		parents.Lock()
		test := parents.tests[id]
		parents.Unlock()
		if test {
			return true
		}
		id = parent
	}
	return false
}

// parentOf returns the id of the goroutine that started the one with this id.
func parentOf(id string) string {
	parents.Lock()
	defer parents.Unlock()
	if p, ok := parents.of[id]; ok {
		return p
	}
	const most = 1 << 16 // entries
	if parents.of == nil || len(parents.of) > most {
		parents.of, parents.tests = map[string]string{}, map[string]bool{}
	}
	if id == goid() {
		noteParents(stack(false))
	} else {
		noteParents(stack(true)) // it stops the world, so what it says of others is kept
	}
	if _, ok := parents.of[id]; !ok {
		parents.of[id] = "" // it has ended
	}
	return parents.of[id]
}

// noteParents reads stack traces.
func noteParents(traces []byte) {
	for trace := range bytes.SplitSeq(traces, []byte("\n\n")) {
		head, body, _ := bytes.Cut(trace, []byte("\n"))
		id := goroutineIn(string(head))
		if id == "" {
			continue
		}
		parent := ""
		if at := bytes.LastIndex(body, []byte("created by ")); at >= 0 {
			line, _, _ := bytes.Cut(body[at:], []byte("\n"))
			if function, creator, ok := strings.Cut(string(line), " in "); ok {
				parent = goroutineIn(creator)
				if function == "created by testing.(*T).Run" {
					parents.tests[id] = true
				}
			}
		}
		parents.of[id] = parent
	}
}

// stack returns the stack traces of the running goroutine or of all.
func stack(all bool) []byte {
	const most = 64 << 20
	for size := 64 << 10; ; size *= 4 {
		b := make([]byte, size)
		if n := runtime.Stack(b, all); n < size || size >= most {
			return b[:n]
		}
	}
}
