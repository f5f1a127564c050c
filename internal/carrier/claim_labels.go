//go:build gc && !scope_portable

package carrier

// testLabels are the keys under which package testing may put a test's name.
var testLabels = [...]string{"test", "test.name"}

// ofGoroutine returns the tag that was claimed last on the goroutine with this id. If
// known is false, no tag was claimed there, and the goroutine's parent may have one.
func ofGoroutine(id string) (t *Tag, known bool) {
	claims.mu.RLock()
	defer claims.mu.RUnlock()
	if claims.detached[id] > 0 {
		return nil, true
	}
	if tags := claims.byGoroutine[id]; len(tags) > 0 {
		return tags[len(tags)-1], true
	}
	return nil, false
}

// claimOf returns the tag of the test with this name, and the goroutine on which it was
// claimed. The tag is nil if the test has none.
func claimOf(test string) (t *Tag, goroutine string) {
	claims.mu.RLock()
	defer claims.mu.RUnlock()
	if tags := claims.byTest[test]; len(tags) == 1 {
		return tags[0], claims.on[tags[0]]
	}
	return nil, ""
}

// unclaim keeps tests from claiming the running goroutine and its descendants, until undo
// is called.
func unclaim() (undo func()) {
	if claims.count.Load() == 0 {
		return func() {}
	}
	id := goid()
	claims.mu.Lock()
	defer claims.mu.Unlock()
	claims.detached[id]++
	return func() {
		claims.mu.Lock()
		defer claims.mu.Unlock()
		if claims.detached[id]--; claims.detached[id] <= 0 {
			delete(claims.detached, id)
		}
	}
}
