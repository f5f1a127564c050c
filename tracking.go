package scope

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scopetree/scope/internal/privileged"
)

// What is kept of scopes for people to look at: see package privileged, and package
// debug. While nobody asked, making a scope costs a load more, and no memory.

// tracked has the lifetimes made while somebody tracks, weakly: tracking keeps
// nothing alive.
var tracked struct {
	on atomic.Bool

	mu    sync.Mutex // guards what follows
	users int
	made  weakList[lifetime] // in the order in which they were made
}

func track() (stop func()) {
	tracked.mu.Lock()
	defer tracked.mu.Unlock()
	tracked.users++
	tracked.on.Store(true)
	privileged.Asked.Add(1)
	return sync.OnceFunc(func() {
		privileged.Asked.Add(-1)
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
	requests privileged.Requested

	failures privileged.FailureLog
}

// newest returns the scope that was made or bound last, of those in use. A scope
// is in use while a context or a goroutine has it.
func (n *notes) newest() *scope {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.scopes.last()
}

// routed notes a request. A kind that has come before moves to the end.
func (n *notes) routed(r privileged.Request) {
	const most = 8 // kinds
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests.Total++
	last, count := n.requests.Last, 1
	same := slices.IndexFunc(last, func(o privileged.Repeated) bool { return o.Request == r })
	switch {
	case same >= 0:
		count += last[same].Count
		last = slices.Delete(last, same, same+1)
	case len(last) == most:
		last = slices.Delete(last, 0, 1)
	}
	n.requests.Last = append(last, privileged.Repeated{Request: r, Count: count})
}

func (n *notes) requested() privileged.Requested {
	n.mu.Lock()
	defer n.mu.Unlock()
	return privileged.Requested{Total: n.requests.Total, Last: slices.Clone(n.requests.Last)}
}

// watch gives the lifetime of ctx's scope notes, if tracking has not.
func watch(ctx context.Context) (stop func()) {
	if l := current(ctx).lifetime(); l != nil {
		l.notes.CompareAndSwap(nil, new(notes))
	}
	privileged.Asked.Add(1)
	return sync.OnceFunc(func() { privileged.Asked.Add(-1) })
}

// routed notes a request with the nearest lifetime that has notes.
func routed(ctx context.Context, r privileged.Request) {
	if n := notesFor(ctx); n != nil {
		n.routed(r)
	}
}

func notesFor(ctx context.Context) *notes {
	for l := current(ctx).lifetime(); l != nil; l = l.parent {
		if n := l.notes.Load(); n != nil {
			return n
		}
	}
	return nil
}

func failed(ctx context.Context, f privileged.Failure) {
	switch n := notesFor(ctx); {
	case n != nil:
		n.failures.Add(f)
	case current(ctx).lifetime() == nil:
		privileged.Unscoped.Add(f)
	}
}

func failures(ctx context.Context) []privileged.Failure {
	if l := current(ctx).lifetime(); l != nil {
		if n := l.notes.Load(); n != nil {
			return n.failures.Since(0)
		}
	}
	return nil
}

// below is privileged.Below.
func below(ctx context.Context, key any, f func(path string, value any) bool) {
	if l := current(ctx).lifetime(); l != nil {
		l.eachBelow(func(l *lifetime) bool {
			e := l.empty.find(key.(*keyInfo))
			return e == nil || f(l.path, e.reveal())
		})
	}
}

// eachBelow calls f for the live lifetimes of tests below l, until it returns false.
func (l *lifetime) eachBelow(f func(*lifetime) bool) bool {
	l.mu.Lock()
	children := slices.Collect(l.children.all)
	l.mu.Unlock()
	for _, c := range children {
		if c.live == c && !c.ended.Load() && !f(c) || !c.eachBelow(f) {
			return false
		}
	}
	return true
}

func requests(ctx context.Context) privileged.Requested {
	if l := current(ctx).lifetime(); l != nil {
		return l.requested()
	}
	return privileged.Requested{}
}

func (l *lifetime) requested() privileged.Requested {
	if n := l.notes.Load(); n != nil {
		return n.requested()
	}
	return privileged.Requested{}
}

// live returns the trees of the lifetimes that are tracked and live.
func live() []*privileged.Scope {
	tracked.mu.Lock()
	made := slices.Collect(tracked.made.all)
	tracked.mu.Unlock()
	var roots []*privileged.Scope
	known := map[*lifetime]*privileged.Scope{}
	var tell func(l *lifetime) *privileged.Scope
	tell = func(l *lifetime) *privileged.Scope {
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
func (l *lifetime) tell() *privileged.Scope {
	s := &privileged.Scope{Name: l.path, Path: l.path, Bindings: l.bindings, Requests: l.requested}
	if l.parent != nil {
		s.Name = strings.TrimPrefix(l.path, l.parent.path+"/")
	}
	if n := l.notes.Load(); n != nil {
		s.Since = n.since
	}
	return s
}

// bindings describes what is bound in the lifetime's newest scope.
func (l *lifetime) bindings() []privileged.Binding {
	n := l.notes.Load()
	if n == nil || l.ended.Load() {
		return nil
	}
	return n.newest().describe()
}
