package carrier

import (
	"strings"
	"sync"
	"sync/atomic"
)

// Package testing is about to label the goroutine of each test with its name
// (go.dev/issue/75047), and to do so when the test starts. That label set takes
// the place of the one that the goroutine inherited, and so of its tag. But it
// says whose goroutine it is: so while a test has a tag, a goroutine that has
// none of its own, but such a label, has that test's, or that of the nearest
// test around it.

// testLabels are the keys under which package testing may put a test's name.
var testLabels = [...]string{"test", "test.name"}

// named has the tags of live tests by their names.
var named struct {
	count atomic.Int32 // of all; while it is 0 nobody looks further

	mu   sync.RWMutex // guards tags
	tags map[string][]*Tag
}

// Name gives t to the goroutines that package testing has labelled with a test's
// name, or that of a test below, until forget is called. Where two tags have one
// name at a time, neither is given.
func Name(test string, t *Tag) (forget func()) {
	named.mu.Lock()
	defer named.mu.Unlock()
	if named.tags == nil {
		named.tags = map[string][]*Tag{}
	}
	named.tags[test] = append(named.tags[test], t)
	named.count.Add(1)
	return sync.OnceFunc(func() {
		named.mu.Lock()
		defer named.mu.Unlock()
		named.count.Add(-1)
		var left []*Tag
		for _, o := range named.tags[test] {
			if o != t {
				left = append(left, o)
			}
		}
		if named.tags[test] = left; left == nil {
			delete(named.tags, test)
		}
	})
}

// Named returns the tag of the test with this name, or of the nearest test
// around it, nil if none has one.
func Named(test string) *Tag {
	named.mu.RLock()
	defer named.mu.RUnlock()
	for {
		if tags := named.tags[test]; len(tags) == 1 {
			return tags[0]
		}
		around := strings.LastIndexByte(test, '/')
		if around < 0 {
			return nil
		}
		test = test[:around]
	}
}
