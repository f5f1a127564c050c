package engine

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// This file keeps notes of scopes for people to look at, such as with package debug.
// While nothing tracks, this costs one load for each new scope, and no memory.

// tracked has the lifetimes that were made since tracking began. It has weak pointers, so
// it keeps none of them alive.
var tracked struct {
	on atomic.Bool

	mu    sync.Mutex // guards the fields below
	users int
	made  weakList[lifetime] // in the order in which they were made
}

// Track starts to keep notes of new scopes and their requests, for [Tracked]. Tracking
// ends when the stop of each call of Track has been called.
func Track() (stop func()) {
	tracked.mu.Lock()
	defer tracked.mu.Unlock()
	tracked.users++
	tracked.on.Store(true)
	asked.Add(1)
	return sync.OnceFunc(func() {
		asked.Add(-1)
		tracked.mu.Lock()
		defer tracked.mu.Unlock()
		if tracked.users--; tracked.users == 0 {
			tracked.on.Store(false)
			tracked.made = weakList[lifetime]{}
		}
	})
}

// track lists a new lifetime.
func (l *lifetime) track() {
	l.notes.Store(&notes{since: time.Now()})
	tracked.mu.Lock()
	defer tracked.mu.Unlock()
	if tracked.users > 0 { // or tracking has just ended
		tracked.made.add(l)
	}
}

// track notes a complete scope that was made or bound to a goroutine. The newest scope
// of a lifetime that is still in use shows what the lifetime binds.
func (s *scope) track() {
	if tracked.on.Load() {
		s.life.add(s)
	}
}

func (l *lifetime) add(s *scope) {
	if l == nil {
		return
	}
	if n := l.notes.Load(); n != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.scopes.add(s)
	}
}

// notes has what Track keeps of a lifetime.
type notes struct {
	since time.Time // when it was made; zero if only its requests are watched

	mu       sync.Mutex // guards scopes and requests; no other mutex is locked under it
	scopes   weakList[scope]
	requests Requested

	failures FailureLog
}

// newest returns the scope in use that was made or bound last. A scope is in use while a
// context or a goroutine has it.
func (n *notes) newest() *scope {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.scopes.last()
}

// A Listing describes a scope that has a name and has not ended.
type Listing struct {
	Name  string    // its own
	Path  string    // its name after those of the scopes around it
	Since time.Time // when it was made; zero if that was before tracking began
	Below []*Listing

	// Bindings returns the bindings of the newest scope of its lifetime that is
	// still in use, sorted by the keys' names. It may call the program's String
	// methods.
	Bindings func() []Description
	Requests func() Requested
}

// Tracked returns the scopes that have a name, were made since tracking began and have
// not ended. They are trees, in the order in which the scopes were made. An older scope is
// there if a newer one is below it.
func Tracked() []*Listing {
	tracked.mu.Lock()
	made := slices.Collect(tracked.made.all)
	tracked.mu.Unlock()
	var roots []*Listing
	known := map[*lifetime]*Listing{}
	var tell func(l *lifetime) *Listing
	tell = func(l *lifetime) *Listing {
		if s := known[l]; s != nil {
			return s
		}
		s := l.tell()
		known[l] = s
		if l.parent == nil {
			roots = append(roots, s)
		} else {
			around := tell(l.parent)
			around.Below = append(around.Below, s)
		}
		return s
	}
	for _, l := range made {
		if !l.ended.Load() {
			tell(l)
		}
	}
	return roots
}

// tell describes a lifetime. The Listing has functions for the parts that may be large, or
// that run the program's code.
func (l *lifetime) tell() *Listing {
	s := &Listing{Name: l.path, Path: l.path, Bindings: l.bindings, Requests: l.requested}
	if l.parent != nil {
		s.Name = strings.TrimPrefix(l.path, l.parent.path+"/")
	}
	if n := l.notes.Load(); n != nil {
		s.Since = n.since
	}
	return s
}

// bindings describes the bindings of the lifetime's newest scope.
func (l *lifetime) bindings() []Description {
	n := l.notes.Load()
	if n == nil || l.ended.Load() {
		return nil
	}
	return n.newest().describe()
}
