package logtest

import (
	"fmt"
	"log/slog"
	"path"
	"runtime"
	"strings"
	"time"
)

// Expect fails the test at its end unless such a record, as in [Log.Find], has
// been logged by then: before the call or after it, once or more.
func (l *Log) Expect(level slog.Level, message string, attrs ...any) {
	e := newExpectation(level, message, attrs)
	e.site = caller()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expected = append(l.expected, e)
}

// Never fails the test at its end for each record of this level or a higher
// one, but for those that an Expect asks for.
func (l *Log) Never(level slog.Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.never = append(l.never, forbidden{level, caller()})
}

// A forbidden level may not be logged, nor a higher one.
type forbidden struct {
	level slog.Level
	site  string
}

// An expectation is a record to look for.
type expectation struct {
	level   slog.Level
	message string
	attrs   []slog.Attr
	site    string
}

func newExpectation(level slog.Level, message string, attrs []any) *expectation {
	e := &expectation{level: level, message: message}
	r := slog.NewRecord(time.Time{}, level, message, 0)
	r.Add(attrs...)
	r.Attrs(func(a slog.Attr) bool {
		e.attrs = flatten(e.attrs, "", a)
		return true
	})
	return e
}

// difference says why a record is another one, "" if it is the one.
func (e *expectation) difference(r Record) string {
	var list []string
	if r.Message != e.message {
		list = append(list, fmt.Sprintf("its message is %q", r.Message))
	}
	if r.Level != e.level {
		list = append(list, "its level is "+r.Level.String())
	}
	for _, want := range e.attrs {
		list = append(list, missing(want, r.Attrs)...)
	}
	return strings.Join(list, ", ")
}

// missing says what attributes have in place of the one that is wanted.
func missing(want slog.Attr, attrs []slog.Attr) []string {
	has := "it has no " + want.Key
	for _, a := range attrs {
		if a.Key != want.Key {
			continue
		}
		if a.Value.String() == want.Value.String() {
			return nil
		}
		has = "it has " + a.Key + "=" + quote(a.Value.String())
	}
	return []string{has}
}

// verify fails the test for what was not logged and for what should not have
// been.
func (l *Log) verify() {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.expected {
		if !l.has(e) {
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

func (l *Log) has(e *expectation) bool {
	for _, r := range l.records {
		if e.difference(r) == "" {
			return true
		}
	}
	return false
}

func (l *Log) unwanted(n forbidden) (found []Record) {
	for _, r := range l.records {
		if r.Level >= n.level && !l.isExpected(r) {
			found = append(found, r)
		}
	}
	return found
}

func (l *Log) isExpected(r Record) bool {
	for _, e := range l.expected {
		if e.difference(r) == "" {
			return true
		}
	}
	return false
}

// absent says what was not logged, and what was.
func (l *Log) absent(e *expectation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "logtest: this was not logged:\n\n    %s, expected at %s\n\n", text(e.level, e.message, e.attrs), e.site)
	if len(l.records) == 0 {
		b.WriteString(nothing)
		return b.String()
	}
	if r, why := l.nearest(e); why != "" {
		fmt.Fprintf(&b, "Nearest: %s, but %s\n\n", r, why)
	}
	b.WriteString("Logged:\n" + table(l.records))
	return b.String()
}

const nothing = `Nothing at all was logged. Perhaps
  - the logger's handler is not slog.Default's: put logx.Handler around it
  - slog.SetDefault was called after logtest.Capture
  - the goroutine that logs was started outside the test: pass it the context, or use scope.Wrap`

// nearest returns the record that differs least. Another message differs in
// all, so there may be none.
func (l *Log) nearest(e *expectation) (near Record, why string) {
	for _, r := range l.records {
		if d := e.difference(r); r.Message == e.message && (why == "" || strings.Count(d, ", ") < strings.Count(why, ", ")) {
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

// caller returns file:line of what calls this package's method.
func caller() string {
	_, file, line, _ := runtime.Caller(2)
	return fmt.Sprintf("%s:%d", path.Base(file), line)
}
