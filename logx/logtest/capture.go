package logtest

import (
	"context"
	"io"
	"log/slog"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/logx"
	"github.com/scopetree/scope/scopetest"
)

// A Log has the records that a test has logged. Its methods may be called from any
// goroutine, and also after the test.
type Log struct {
	t testing.TB

	mu       sync.Mutex // guards the fields below
	level    slog.Leveler
	ended    bool
	records  []Record
	expected []*expectation
	never    []forbidden
}

// An Option changes what [Capture] captures. The zero Option changes nothing.
type Option struct{ level slog.Leveler }

// Level drops records below l. The default is to capture all levels.
func Level(l slog.Leveler) Option {
	if l == nil {
		panic("logtest: Level of a nil level")
	}
	return Option{level: l}
}

// Capture returns a log. Until the test ends, the records of t's scope go there. They
// include records of cleanups that the test registers later. A record that is logged
// after the end goes to the log of the test around it, or else where it would go without
// a route.
//
// A second call in the same test returns the first log, and applies its options to it. A
// subtest that calls Capture has a log of its own. The records of other subtests go to
// their parent's.
//
// The first call installs package logx ([logx.Install]) for the rest of the process. If
// the program has called slog.SetDefault meanwhile, a later call installs it again.
func Capture(t testing.TB, opts ...Option) *Log {
	t.Helper()
	scopetest.Context(t) // so that the scope ends, and reports, after the log
	made := &Log{t: t, level: slog.Level(math.MinInt)}
	known, found := logs.LoadOrStore(t, made)
	l := known.(*Log)
	if !found {
		t.Cleanup(l.end)
		logx.Install()
		scopetest.With(t, logx.Route(&handler{log: l}))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range opts {
		if o.level != nil {
			l.level = o.level
		}
	}
	return l
}

// logs has the logs of running tests.
var logs sync.Map // testing.TB → *Log

// Records returns the records so far, in their order.
func (l *Log) Records() []Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.records)
}

// Find returns the records that have this level, this message and at least these
// attributes. attrs are as in [slog.Info]: keys and values, or values of type
// [slog.Attr]. A key in a group is "group.key". Two values are equal if they print the
// same.
func (l *Log) Find(level slog.Level, message string, attrs ...any) []Record {
	e := newExpectation(level, message, attrs)
	var found []Record
	for _, r := range l.Records() {
		if e.is(r) {
			found = append(found, r)
		}
	}
	return found
}

// add adds a record. It returns an error after the test has ended.
func (l *Log) add(r Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return scope.ErrEnded
	}
	l.records = append(l.records, r)
	_, err := io.WriteString(l.t.Output(), r.String()+"\n")
	return err
}

// end closes the log and reports.
func (l *Log) end() {
	l.t.Helper()
	logs.Delete(l.t)
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.verify()
}

// A handler writes to the log, for a logger with attributes and groups.
type handler struct {
	log    *Log
	fields []field
	groups string // such as "request.user."
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	h.log.mu.Lock()
	defer h.log.mu.Unlock()
	return level >= h.log.level.Level()
}

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	fields := slices.Clone(h.fields)
	r.Attrs(func(a slog.Attr) bool {
		fields = flatten(fields, h.groups, a)
		return true
	})
	return h.log.add(newRecord(r, fields))
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	made := &handler{h.log, slices.Clone(h.fields), h.groups}
	for _, a := range attrs {
		made.fields = flatten(made.fields, h.groups, a)
	}
	return made
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &handler{h.log, h.fields, h.groups + name + "."}
}
