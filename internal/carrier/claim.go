package carrier

import (
	"strings"
	"sync"
	"sync/atomic"
)

// A test claims goroutines that have no tag: those that descend from the goroutine
// on which it claims, and were started before, and those that package testing has
// labelled with its name. The latter is about to label the goroutine of each test
// when the test starts (go.dev/issue/75047), with a label set that takes the place
// of the one that the goroutine inherited, and so of its tag.
//
// Only the labels carrier asks for claims. While no test lives it asks nobody.
var claims struct {
	count atomic.Int32 // of all

	mu          sync.RWMutex // guards what follows
	byTest      map[string][]*Tag
	byGoroutine map[string][]*Tag // by goroutine id
	on          map[*Tag]string   // the goroutine on which a tag was claimed
	detached    map[string]int    // goroutines that nobody claims, nor what they start
}

// Claim gives t to the goroutines that have no tag and are the test's, until
// release is called. The running goroutine is one, and so are those that it has
// started. Of two tests with one name, neither gets anything by its name.
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

// OfTest returns the tag of the test with this name, or of the nearest test
// around it, nil if none has one.
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

// parents knows which goroutine started which, as far as somebody had to know.
var parents struct {
	sync.Mutex
	of    map[string]string // by id; "" where there is none, or it can't be known
	tests map[string]bool   // those that package testing started for a test
}

// forgetParents is for when nobody has claims any more.
func forgetParents() {
	parents.Lock()
	defer parents.Unlock()
	parents.of, parents.tests = nil, nil
}
