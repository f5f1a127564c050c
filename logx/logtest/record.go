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

// A Record is a record that was logged.
type Record struct {
	Time    time.Time
	Level   slog.Level
	Message string
	Attrs   []slog.Attr // the logger's attributes come first; an attribute in a group has the key "group.key"
	Source  string      // file:line of the call that logged it; "" if the record has no source

	fields []field
}

func newRecord(r slog.Record, fields []field) Record {
	made := Record{Time: r.Time, Level: r.Level, Message: r.Message, Source: source(r), fields: fields}
	for _, f := range fields {
		made.Attrs = append(made.Attrs, f.Attr)
	}
	return made
}

// Value returns the value of the last attribute with this key. It returns the zero Value
// if there is none.
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

// oneLine returns s. If s can't stand on one line, it is quoted.
func oneLine(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return strconv.Quote(s)
	}
	return s
}

// quote returns s. If s can't stand between other values, it is quoted.
func quote(s string) string {
	if s == "" || strings.ContainsAny(s, ` "=`) {
		return strconv.Quote(s)
	}
	return oneLine(s)
}

// source returns the file and line of a record.
func source(r slog.Record) string {
	if r.PC == 0 {
		return ""
	}
	f, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
	return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
}

// A field is an attribute, and its text at the time when it was logged. The program may
// change the value later.
type field struct {
	slog.Attr
	text string
}

func (f field) String() string { return quote(f.Key) + "=" + quote(f.text) }

// flatten appends an attribute, or the attributes of a group. It follows the rules for
// slog.Handler: a group without a key is inlined, and an empty attribute is dropped.
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

// show returns the text of a value, as slog.TextHandler prints it.
func show(v slog.Value) string {
	if v.Kind() == slog.KindAny {
		return fmt.Sprintf("%+v", v.Any())
	}
	return v.String()
}
