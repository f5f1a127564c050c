package carrier

import (
	"strings"
	"sync"
	"sync/atomic"
)

// claims has the goroutines that tests claim. A test claims goroutines of two kinds
// that have no tag:
//
//   - goroutines that descend from the goroutine on which it claims, and that started
//     before it claimed
//   - goroutines that package testing has labelled with the test's name
//
// Package testing will label the goroutine of each test when the test starts
// (go.dev/issue/75047). Its label set replaces the set that the goroutine inherited, and
// with it the tag.
//
// Only the labels carrier looks for claims, and only while there are some.
var claims struct {
	count atomic.Int32 // the number of claims

	mu          sync.RWMutex // guards the fields below
	byTest      map[string][]*Tag
	byGoroutine map[string][]*Tag // by goroutine id
	on          map[*Tag]string   // the goroutine on which a tag was claimed
	detached    map[string]int    // goroutines that no test claims, with their descendants
}

// Claim gives t to the test's goroutines that have no tag, until release is called. The
// running goroutine and its descendants are the test's. So are the goroutines that
// package testing has labelled with the test's name, unless two tests have this name.
func Claim(test string, t *Tag) (release func()) {
	id := goid()
	claims.mu.Lock()
	defer claims.mu.Unlock()
	if claims.count.Add(1) == 1 {
		claims.byTest, claims.byGoroutine = map[string][]*Tag{}, map[string][]*Tag{}
		claims.on, claims.detached = map[*Tag]string{}, map[string]int{}
	}
	add(claims.byTest, test, t)
	add(claims.byGoroutine, id, t)
	claims.on[t] = id
	return sync.OnceFunc(func() {
		claims.mu.Lock()
		defer claims.mu.Unlock()
		remove(claims.byTest, test, t)
		remove(claims.byGoroutine, id, t)
		delete(claims.on, t)
		if claims.count.Add(-1) == 0 {
			forgetParents()
		}
	})
}

func add(to map[string][]*Tag, key string, t *Tag) { to[key] = append(to[key], t) }

func remove(from map[string][]*Tag, key string, t *Tag) {
	var left []*Tag
	for _, o := range from[key] {
		if o != t {
			left = append(left, o)
		}
	}
	if from[key] = left; left == nil {
		delete(from, key)
	}
}

// OfTest returns the tag of the test with this name, or of the nearest test around it
// that has one. It returns nil if there is none.
func OfTest(name string) *Tag {
	claims.mu.RLock()
	defer claims.mu.RUnlock()
	for {
		if tags := claims.byTest[name]; len(tags) == 1 {
			return tags[0]
		}
		around := strings.LastIndexByte(name, '/')
		if around < 0 {
			return nil
		}
		name = name[:around]
	}
}

// parents has the parents of goroutines, as far as they had to be found out.
var parents struct {
	sync.Mutex
	of    map[string]string // a goroutine's parent; "" if there is none, or if it is unknown
	tests map[string]bool   // the goroutines that package testing started for a test
}

// forgetParents frees the memory when the last claim is released.
func forgetParents() {
	parents.Lock()
	defer parents.Unlock()
	parents.of, parents.tests = nil, nil
}
