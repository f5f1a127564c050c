package logtest

import (
	"fmt"
	"log/slog"
	"path"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A Record is a record as it was logged.
type Record struct {
	Time    time.Time
	Level   slog.Level
	Message string
	Attrs   []slog.Attr // those of the logger first; one in a group has the key "group.key"
	Source  string      // file:line of what logged it, "" if the record does not say
}

// Value returns the value of the last attribute with this key, and the zero
// Value if there is none.
func (r Record) Value(key string) slog.Value {
	for i := len(r.Attrs) - 1; i >= 0; i-- {
		if r.Attrs[i].Key == key {
			return r.Attrs[i].Value
		}
	}
	return slog.Value{}
}

// String returns the record on one line, without its time:
//
//	INFO paid order=7 customer.name="Ada L" (checkout.go:12)
func (r Record) String() string {
	s := text(r.Level, r.Message, r.Attrs)
	if r.Source != "" {
		s += " (" + r.Source + ")"
	}
	return s
}

func text(level slog.Level, message string, attrs []slog.Attr) string {
	var b strings.Builder
	b.WriteString(level.String() + " " + oneLine(message))
	for _, a := range attrs {
		b.WriteString(" " + quote(a.Key) + "=" + quote(a.Value.String()))
	}
	return b.String()
}

// oneLine returns s, quoted if it could not stand on a line as it is.
func oneLine(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return strconv.Quote(s)
	}
	return s
}

// quote returns s, quoted if it could not stand beside others.
func quote(s string) string {
	if s == "" || strings.ContainsAny(s, ` "=`) {
		return strconv.Quote(s)
	}
	return oneLine(s)
}

// source returns the file and line that a record came from.
func source(r slog.Record) string {
	if r.PC == 0 {
		return ""
	}
	f, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
	return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
}
