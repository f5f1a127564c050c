//go:build gc && !scope_portable

package carrier

// testLabels are the keys under which package testing may put a test's name.
var testLabels = [...]string{"test", "test.name"}

// ofGoroutine returns the tag of the latest test that was claimed on the goroutine
// with this id, nil if there is none. known is false where its parent may have one.
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

// claimOf returns the tag of the test with this name, nil if it has none, and the
// goroutine on which it was claimed.
func claimOf(test string) (t *Tag, goroutine string) {
	claims.mu.RLock()
	defer claims.mu.RUnlock()
	if tags := claims.byTest[test]; len(tags) == 1 {
		return tags[0], claims.on[tags[0]]
	}
	return nil, ""
}

// unclaim keeps the running goroutine and what it starts from being claimed, until
// undo is called.
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
