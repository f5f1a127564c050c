package logtest

import (
	"fmt"
	"log/slog"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/scopetree/scope"
)

// Expect fails the test at its end if it has not logged such a record, before this call
// or after it. One record is enough, also for several calls. Records are compared as in
// [Log.Find].
func (l *Log) Expect(level slog.Level, message string, attrs ...any) {
	e := newExpectation(level, message, attrs)
	e.site = caller()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expected = append(l.expected, e)
}

// Never fails the test at its end if it has logged a record of this level or a higher
// one, before this call or after it. It allows records that an Expect asks for.
func (l *Log) Never(level slog.Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.never = append(l.never, forbidden{level, caller()})
}

// A forbidden is a level that must not be logged, nor a higher one.
type forbidden struct {
	level slog.Level
	site  string
}

// An expectation is a record that must be logged.
type expectation struct {
	level   slog.Level
	message string
	fields  []field
	site    string
}

func newExpectation(level slog.Level, message string, attrs []any) *expectation {
	e := &expectation{level: level, message: message}
	r := slog.NewRecord(time.Time{}, level, message, 0)
	r.Add(attrs...)
	r.Attrs(func(a slog.Attr) bool {
		e.fields = flatten(e.fields, "", a)
		return true
	})
	return e
}

// differences returns how a record differs from the expectation. The result is empty if
// it does not.
func (e *expectation) differences(r Record) (list []string) {
	if r.Message != e.message {
		list = append(list, fmt.Sprintf("its message is %q", r.Message))
	}
	if r.Level != e.level {
		list = append(list, "its level is "+r.Level.String())
	}
	for _, want := range e.fields {
		if !slices.ContainsFunc(r.fields, func(f field) bool { return f.Key == want.Key && f.text == want.text }) {
			list = append(list, instead(want.Key, r.fields))
		}
	}
	return list
}

func (e *expectation) is(r Record) bool { return len(e.differences(r)) == 0 }

// instead returns what a record has for a key.
func instead(key string, fields []field) string {
	for _, f := range slices.Backward(fields) {
		if f.Key == key {
			return "it has " + f.String()
		}
	}
	return "it has no " + key
}

// verify fails the test for records that are missing, and for records that are forbidden.
func (l *Log) verify() {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.expected {
		if !slices.ContainsFunc(l.records, e.is) {
			l.t.Error(l.absent(e))
		}
	}
	for _, n := range l.never {
		if found := l.unwanted(n); found != nil {
			l.t.Errorf("logtest: nothing of level %s or above may be logged (%s), but this was:\n\n%s",
				n.level, n.site, table(found))
		}
	}
}

// unwanted returns the records that a Never forbids.
func (l *Log) unwanted(n forbidden) (found []Record) {
	for _, r := range l.records {
		if r.Level >= n.level && !slices.ContainsFunc(l.expected, func(e *expectation) bool { return e.is(r) }) {
			found = append(found, r)
		}
	}
	return found
}

// absent returns the report of a missing record, with the records that were logged.
func (l *Log) absent(e *expectation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "logtest: this was not logged:\n\n    %s, expected at %s\n\n", line(e.level, e.message, e.fields), e.site)
	if len(l.records) == 0 {
		return b.String() + nothingCame()
	}
	if r, why := l.nearest(e); why != nil {
		fmt.Fprintf(&b, "Nearest: %s, but %s\n\n", r, strings.Join(why, ", "))
	}
	return b.String() + "Logged:\n" + table(l.records)
}

// nothingCame says what may have kept all records away.
func nothingCame() string {
	text := "Nothing at all was logged. Perhaps\n"
	if c := scope.Carrier(); c != "labels" {
		text += "  - the test's goroutine is bound to no scope, since the carrier is " + c + ": call the code in scope.Run\n"
	}
	return text +
		"  - the logger is not made from slog.Default: put logx.Handler around its handler\n" +
		"  - slog.SetDefault was called after logtest.Capture\n" +
		"  - the goroutine that logs was started outside the test: pass it the context, or use scope.Wrap"
}

// nearest returns the record that differs least. Another message differs in
// all, so there may be none.
func (l *Log) nearest(e *expectation) (near Record, why []string) {
	for _, r := range l.records {
		if d := e.differences(r); r.Message == e.message && (why == nil || len(d) < len(why)) {
			near, why = r, d
		}
	}
	return near, why
}

// table lists the last records, one on each line.
func table(list []Record) string {
	const most = 50
	var b strings.Builder
	if more := len(list) - most; more > 0 {
		fmt.Fprintf(&b, "    %d earlier\n", more)
		list = list[more:]
	}
	for _, r := range list {
		b.WriteString("    " + r.String() + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// caller returns file:line of the call of this package's method.
func caller() string {
	_, file, line, _ := runtime.Caller(2)
	return fmt.Sprintf("%s:%d", path.Base(file), line)
}
