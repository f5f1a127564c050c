package privileged

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// What is kept for people to look at, and only while they do.

var (
	// Track has the scopes noted that [Live] tells of, and their requests,
	// until stop is called as often as Track was.
	Track func() (stop func())

	// Live returns the scopes made since tracking began that have a name and
	// have not ended, as trees, in the order in which they were made. A scope
	// made before is there if one is below it.
	Live func() []*Scope

	// Watch has the requests of ctx's scope noted, and of those below it that
	// nobody watches or tracks, until stop is called.
	Watch func(ctx context.Context) (stop func())

	// Routed notes a request that a route took in ctx's scope. Ask Asked first.
	Routed func(ctx context.Context, r Request)

	// Requests returns what was noted of the scope that decides for ctx.
	Requests func(ctx context.Context) Requested

	// Failed notes a request that was refused, or failed before it was sent, in
	// ctx's scope, or in no scope at all. Ask Asked first.
	Failed func(ctx context.Context, f Failure)

	// Failures returns the requests that Failed noted of the scope that decides
	// for ctx.
	Failures func(ctx context.Context) []Failure

	// Below calls f for each live test's scope below the scope that decides for
	// ctx, with its path and with the value that a key, which KeyOf made, has
	// there, until f returns false.
	Below func(ctx context.Context, key any, f func(path string, value any) bool)
)

// Unscoped has the requests that failed in no scope, while somebody asks.
var Unscoped FailureLog

// Asked counts those who track or watch. While it is 0 nothing is noted.
var Asked atomic.Int32

// A Scope is a scope that lives.
type Scope struct {
	Name  string    // its own
	Path  string    // with those of the scopes around it
	Since time.Time // when it was made; zero for one made before tracking began
	Below []*Scope

	// Bindings returns what is bound in it, by the names of the keys: in the
	// newest scope of its lifetime that is still in use. It calls String
	// methods of the program's.
	Bindings func() []Binding
	Requests func() Requested
}

// A Binding is a binding for people.
type Binding struct {
	Of       any    // the key's identity
	Many     bool   // its key is hidden, because earlier bindings of it count too
	Key      string // the key's name
	Value    string // ‹redacted› for a secret
	Redacted bool
	Scope    string // the path of the scope that binds it, "" for an unnamed one
	Place    string // file:line, "" where it is not known
}

// A Request is a request that a route took. It leaves out query and user, in
// which there may be secrets.
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
