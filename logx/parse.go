package logx

import (
	"log"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// splitLine removes the date, the time and the file, which flags ask for, from a line of
// package log. A line without them, which a logger with other flags wrote, stays whole.
func splitLine(line, prefix string, flags int) (pre, text string) {
	rest := line
	if flags&log.Lmsgprefix == 0 {
		var ok bool
		if rest, ok = strings.CutPrefix(rest, prefix); !ok {
			return "", line
		}
	}
	layout := ""
	if flags&log.Ldate != 0 {
		layout += "2006/01/02 "
	}
	switch {
	case flags&log.Lmicroseconds != 0:
		layout += "15:04:05.000000 "
	case flags&log.Ltime != 0:
		layout += "15:04:05 "
	}
	if len(rest) < len(layout) {
		return "", line
	}
	if _, err := time.Parse(layout, rest[:len(layout)]); err != nil {
		return "", line
	}
	rest = rest[len(layout):]
	if flags&(log.Lshortfile|log.Llongfile) != 0 {
		file := place.FindString(rest)
		if file == "" {
			return "", line
		}
		rest = rest[len(file):]
	}
	if flags&log.Lmsgprefix != 0 {
		rest = strings.TrimPrefix(rest, prefix)
	}
	return prefix, rest
}

var place = regexp.MustCompile(`^.*?:\d+: `)

// parseText reads what the handler that package slog starts with has written:
//
//	INFO message key=value group.key="another value"
//
// The message is not quoted. It is taken to be as short as it can be.
func parseText(s string) (level slog.Level, message string, attrs []slog.Attr, ok bool) {
	name, s, ok := strings.Cut(s, " ")
	if !ok || level.UnmarshalText([]byte(name)) != nil {
		return 0, "", nil, false
	}
	parts := messageAndAttrs.FindStringSubmatch(s)
	for _, kv := range attr.FindAllStringSubmatch(parts[2], -1) {
		attrs = append(attrs, slog.String(unquote(kv[1]), unquote(kv[2])))
	}
	return level, parts[1], attrs, true
}

const token = `("(?:\\.|[^"\\])*"|[^\s"=]+)`

var (
	attr            = regexp.MustCompile(` ` + token + `=` + token)
	messageAndAttrs = regexp.MustCompile(`(?s)^(.*?)((?: ` + token + `=` + token + `)*)$`)
)

func unquote(s string) string {
	if u, err := strconv.Unquote(s); err == nil && s[0] == '"' {
		return u
	}
	return s
}
