package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Unscoped has the requests that failed in no scope, while somebody asks.
var Unscoped FailureLog

// asked counts those who track or watch.
var asked atomic.Int32

// Asked says whether somebody tracks or watches. Else no request need be noted.
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
	From string // the line that sent it, file:line; "" where it is not known
}

// A FailureLog has the last requests that failed, in order. The zero log is
// empty. It may be used by many goroutines.
type FailureLog struct {
	mu   sync.Mutex // guards what follows
	all  int
	last []Failure
}

const mostFailures = 32

// Add adds a failure. The oldest is dropped where there are too many.
func (l *FailureLog) Add(f Failure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) == mostFailures {
		l.last = slices.Delete(l.last, 0, 1)
	}
	l.last = append(l.last, f)
	l.all++
}

// Len returns how many were added.
func (l *FailureLog) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all
}

// Since returns those that were added after the log had length n, and are kept.
func (l *FailureLog) Since(n int) []Failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.last[max(0, len(l.last)-(l.all-n)):])
}

// Requested is how many requests were routed, and the last of them: each kind
// once, the latest last.
type Requested struct {
	Total int
	Last  []Repeated
}

// Repeated is a request and how often it came.
type Repeated struct {
	Request
	Count int
}

// routed notes a request. A kind that has come before moves to the end.
func (n *notes) routed(r Request) {
	const most = 8 // kinds
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

// Watch keeps note of the requests of ctx's scope, and of those below it that
// nobody watches or tracks, until stop is called.
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
