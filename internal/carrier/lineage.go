//go:build gc && !scope_portable

package carrier

import (
	"bytes"
	"runtime"
	"strings"
)

// descended returns the tag that a test has claimed on one of the running goroutine's
// ancestors, the nearest first. It returns nil if there is none.
//
// Depends on: stack traces, which begin with "goroutine 18 [running]:" and end with
// "created by net/http.(*Server).Serve in goroutine 7".
// Versions:   Go 1.21 and later name the goroutine. CI runs 1.25 to 1.27.
// Sound:      ids are never reused, and a goroutine's parent does not change. A line
// that can't be parsed counts as no parent.
// Fails:      if a goroutine's parent had ended before the first look, no tag is found.
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

// maxDepth is the largest number of ancestors to look at.
const maxDepth = 64

// ofTestAround returns the tag of the nearest test around a test, or nil if there is none.
// It goes by names: TestA is around TestA/b. But a sibling may have such a name too. A
// test is a sibling if package testing started a goroutine for it that is no ancestor of
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

// ofAnotherTest reports whether a goroutine belongs to a test whose own goroutine is not
// in a lineage.
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
		noteParents(stack(true)) // this stops the world, so keep all that it says
	}
	if _, ok := parents.of[id]; !ok {
		parents.of[id] = "" // the goroutine has ended
	}
	return parents.of[id]
}

// noteParents adds the parents that stack traces name to parents. Its mutex is held.
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

// stack returns the stack trace of the running goroutine, or of all goroutines.
func stack(all bool) []byte {
	const most = 64 << 20
	for size := 64 << 10; ; size *= 4 {
		b := make([]byte, size)
		if n := runtime.Stack(b, all); n < size || size >= most {
			return b[:n]
		}
	}
}
