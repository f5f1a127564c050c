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

	fields []field
}

func newRecord(r slog.Record, fields []field) Record {
	made := Record{Time: r.Time, Level: r.Level, Message: r.Message, Source: source(r), fields: fields}
	for _, f := range fields {
		made.Attrs = append(made.Attrs, f.Attr)
	}
	return made
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
	s := line(r.Level, r.Message, r.fields)
	if r.Source != "" {
		s += " (" + r.Source + ")"
	}
	return s
}

func line(level slog.Level, message string, fields []field) string {
	var b strings.Builder
	b.WriteString(level.String() + " " + oneLine(message))
	for _, f := range fields {
		b.WriteString(" " + f.String())
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

// A field is an attribute and how it printed when it was logged: the program
// may change the value afterwards.
type field struct {
	slog.Attr
	text string
}

func (f field) String() string { return quote(f.Key) + "=" + quote(f.text) }

// flatten appends an attribute, or those of a group, by the rules for
// slog.Handler: a group without a key is no group, and an empty attribute is
// left out.
func flatten(to []field, prefix string, a slog.Attr) []field {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() != slog.KindGroup {
		if a.Key == "" && a.Value.Kind() == slog.KindAny && a.Value.Any() == nil {
			return to
		}
		a.Key = prefix + a.Key
		return append(to, field{a, show(a.Value)})
	}
	if a.Key != "" {
		prefix += a.Key + "."
	}
	for _, inner := range a.Value.Group() {
		to = flatten(to, prefix, inner)
	}
	return to
}

// show prints a value as slog.TextHandler does.
func show(v slog.Value) string {
	if v.Kind() == slog.KindAny {
		return fmt.Sprintf("%+v", v.Any())
	}
	return v.String()
}
