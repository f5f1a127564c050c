package engine

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What is kept of scopes for people to look at, such as with package debug. While
// nobody asks, a scope costs one more load to make, and no memory.

// tracked has the lifetimes made while somebody tracks, weakly: tracking keeps
// nothing alive.
var tracked struct {
	on atomic.Bool

	mu    sync.Mutex // guards what follows
	users int
	made  weakList[lifetime] // in the order in which they were made
}

// Track keeps note of scopes for [Tracked], and of their requests, until stop is
// called as often as Track was.
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
	if tracked.users > 0 { // else it has stopped just now
		tracked.made.add(l)
	}
}

// track notes a scope, complete by now, that was made or bound to a goroutine.
// It is what its lifetime binds, for as long as it is the newest in use.
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

// notes are what is kept of a lifetime.
type notes struct {
	since time.Time // when it was made; zero if only its requests are watched

	mu       sync.Mutex // guards what follows; nothing else is locked under it
	scopes   weakList[scope]
	requests Requested

	failures FailureLog
}

// newest returns the scope that was made or bound last, of those in use. A scope
// is in use while a context or a goroutine has it.
func (n *notes) newest() *scope {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.scopes.last()
}

// A Listing is what there is to say of a scope that has a name and has not ended.
type Listing struct {
	Name  string    // its own
	Path  string    // with those of the scopes around it
	Since time.Time // when it was made; zero for one made before tracking began
	Below []*Listing

	// Bindings returns what is bound in it, by the names of the keys: in the
	// newest scope of its lifetime that is still in use. It calls String
	// methods of the program's.
	Bindings func() []Description
	Requests func() Requested
}

// Tracked returns the scopes made since tracking began that have a name and have
// not ended, as trees, in the order in which they were made. A scope made before
// is there if one is below it.
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

// tell returns what can be said of a lifetime. What may be much, or runs code
// of the program's, is left for the caller to ask for.
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

// bindings describes what is bound in the lifetime's newest scope.
func (l *lifetime) bindings() []Description {
	n := l.notes.Load()
	if n == nil || l.ended.Load() {
		return nil
	}
	return n.newest().describe()
}
