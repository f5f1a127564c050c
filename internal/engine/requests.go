package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Unscoped has the requests that failed in no scope while [Asked] was true.
var Unscoped FailureLog

// asked is the number of calls of [Track] and [Watch] that have not been stopped.
var asked atomic.Int32

// Asked reports whether something tracks or watches. If not, requests need no notes.
func Asked() bool { return asked.Load() != 0 }

// A Request is a request that a route took. It has neither query nor user, because
// these may contain secrets.
type Request struct {
	Method, Scheme, Host, Path string // Path is escaped
	To                         string // the target, handler or transport; may be ""
}

// String returns a line: GET https://api.github.com/users/x → http://127.0.0.1:1234
func (r Request) String() string {
	path := r.Path
	const most = 200
	if len(path) > most {
		path = path[:most] + "…"
	}
	line := fmt.Sprintf("%s %s://%s%s", r.Method, r.Scheme, r.Host, path)
	if r.To != "" {
		line += " → " + r.To
	}
	return line
}

// A Failure is a request that was not sent.
type Failure struct {
	Request
	Why  string
	Lost bool   // the code that sent it has lost its scope, or never had one
	From string // the line that sent it, file:line; "" if unknown
}

// A FailureLog has the last requests that failed, in order. The zero log is
// empty. It may be used by many goroutines.
type FailureLog struct {
	mu   sync.Mutex // guards the fields below
	all  int
	last []Failure
}

const mostFailures = 32

// Add adds a failure. If the log is full, it drops the oldest.
func (l *FailureLog) Add(f Failure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == mostFailures {
		l.last = slices.Delete(l.last, 0, 1)
	}
	l.last = append(l.last, f)
	l.all++
}

// Len returns how many failures were added, including those that were dropped.
func (l *FailureLog) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all
}

// Since returns the failures that were added after Len was n, and not dropped since.
func (l *FailureLog) Since(n int) []Failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.last[max(0, len(l.last)-(l.all-n)):])
}

// Requested has the number of requests that were routed, and the last different ones. The
// latest is last.
type Requested struct {
	Total int
	Last  []Repeated
}

// Repeated is a request and how often it came.
type Repeated struct {
	Request
	Count int
}

// routed notes a request. If the same request came before, it moves to the end.
func (n *notes) routed(r Request) {
	const most = 8 // different requests
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests.Total++
	last, count := n.requests.Last, 1
	same := slices.IndexFunc(last, func(o Repeated) bool { return o.Request == r })
	switch {
	case same >= 0:
		count += last[same].Count
		last = slices.Delete(last, same, same+1)
	case len(last) == most:
		last = slices.Delete(last, 0, 1)
	}
	n.requests.Last = append(last, Repeated{Request: r, Count: count})
}

func (n *notes) requested() Requested {
	n.mu.Lock()
	defer n.mu.Unlock()
	return Requested{Total: n.requests.Total, Last: slices.Clone(n.requests.Last)}
}

// Watch starts to keep notes of the requests of ctx's scope, and of scopes below it that
// have no notes of their own, until stop is called.
func Watch(ctx context.Context) (stop func()) {
	if l := current(ctx).lifetime(); l != nil {
		l.notes.CompareAndSwap(nil, new(notes))
	}
	asked.Add(1)
	return sync.OnceFunc(func() { asked.Add(-1) })
}

// Routed notes a request that a route took in ctx's scope, with the nearest
// lifetime that has notes. Ask [Asked] first.
func Routed(ctx context.Context, r Request) {
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

// Failed notes a request that was refused, or failed before it was sent, in ctx's
// scope or in no scope at all. Ask [Asked] first.
func Failed(ctx context.Context, f Failure) {
	switch n := notesFor(ctx); {
	case n != nil:
		n.failures.Add(f)
	case current(ctx).lifetime() == nil:
		Unscoped.Add(f)
	}
}

// Failures returns what Failed noted of the scope that decides for ctx.
func Failures(ctx context.Context) []Failure {
	if l := current(ctx).lifetime(); l != nil {
		if n := l.notes.Load(); n != nil {
			return n.failures.Since(0)
		}
	}
	return nil
}

// Requests returns what Routed noted of the scope that decides for ctx.
func Requests(ctx context.Context) Requested {
	if l := current(ctx).lifetime(); l != nil {
		return l.requested()
	}
	return Requested{}
}

func (l *lifetime) requested() Requested {
	if n := l.notes.Load(); n != nil {
		return n.requested()
	}
	return Requested{}
}
