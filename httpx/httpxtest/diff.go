package httpxtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/stretchr/testify/assert"
)

// How much of a difference a report shows.
const (
	mostLines    = 60  // of a diff
	mostCompared = 200 // lines, from the first that differs
	mostOfLine   = 200 // bytes
)

// difference shows two texts as a diff, or side by side when they are one line or no
// text. It begins with the white space that sets it off.
func difference(want, got string) string {
	if !strings.Contains(want+got, "\n") || !readable(want) || !readable(got) {
		return sideBySide(want, got)
	}
	wanted, have, skipped := window(strings.Split(want, "\n"), strings.Split(got, "\n"))
	var report testifyReport
	assert.Equal(&report, strings.Join(wanted, "\n"), strings.Join(have, "\n"))
	_, diff, ok := strings.Cut(report.text, "+++ Actual\n")
	if !ok {
		return sideBySide(want, got)
	}
	const margin = "\n\t            \t" // of testify's reports
	diff = hunk.ReplaceAllStringFunc(diff, func(head string) string {
		var minus, plus, wants, gots int
		if n, _ := fmt.Sscanf(head, "@@ -%d,%d +%d,%d @@", &minus, &wants, &plus, &gots); n < 4 {
			return head
		}
		return fmt.Sprintf("@@ -%d,%d +%d,%d @@", minus+skipped, wants, plus+skipped, gots)
	})
	list := strings.Split(strings.TrimRight(strings.ReplaceAll("\n"+diff, margin, "\n    "), "\n\t "), "\n")
	if n := len(list) - mostLines; n > 0 {
		list = append(list[:mostLines], fmt.Sprintf("    … and %d more lines", n))
	}
	return "\n    --- want\n    +++ got" + strings.Join(list, "\n")
}

// hunk is the head of a part of a diff, which says where it is.
var hunk = regexp.MustCompile(`@@ -\d+,\d+ \+\d+,\d+ @@`)

// window returns the lines of two texts that are worth a diff. Of long texts those are
// the first that differ, cut, with three before them: a diff of all could take minutes.
func window(want, got []string) (_, _ []string, skipped int) {
	long := func(line string) bool { return len(line) > mostOfLine }
	if max(len(want), len(got)) <= mostCompared && !slices.ContainsFunc(want, long) && !slices.ContainsFunc(got, long) {
		return want, got, 0
	}
	for skipped < min(len(want), len(got)) && want[skipped] == got[skipped] {
		skipped++
	}
	skipped = max(skipped-3, 0)
	want, got = want[skipped:], got[skipped:]
	want, got = slices.Clone(want[:min(len(want), mostCompared)]), slices.Clone(got[:min(len(got), mostCompared)])
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(want):
			got[i] = around(got[i], 0)
		case i >= len(got):
			want[i] = around(want[i], 0)
		default:
			at := firstDifference(want[i], got[i])
			want[i], got[i] = around(want[i], at), around(got[i], at)
		}
	}
	return want, got, skipped
}

// sideBySide shows two texts in one line, quoted. Of long ones it shows where they differ.
func sideBySide(want, got string) string {
	if len(want) <= mostOfLine && len(got) <= mostOfLine {
		return fmt.Sprintf(" want %q, got %q", want, got)
	}
	at := firstDifference(want, got)
	return fmt.Sprintf(" want %s, got %s; they differ from byte %d on", quotedAround(want, at), quotedAround(got, at), at)
}

// firstDifference returns how many bytes two texts have in common at their start.
func firstDifference(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// cutAround returns the part of a text that has the byte at, and whether it leaves out
// something before and after.
func cutAround(s string, at int) (part string, before, after bool) {
	if len(s) <= mostOfLine {
		return s, false, false
	}
	start := max(min(at-mostOfLine/4, len(s)-mostOfLine), 0)
	end := start + mostOfLine
	for start > 0 && start < end && s[start]&0xC0 == 0x80 { // in the middle of a character
		start++
	}
	for end < len(s) && end > start && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[start:end], start > 0, end < len(s)
}

// around is a text, or what is around a byte of it if it is long.
func around(s string, at int) string {
	part, before, after := cutAround(s, at)
	if before {
		part = "…" + part
	}
	if after {
		part += "…"
	}
	return part
}

// quotedAround is around with quotes, and the length of a text that is cut.
func quotedAround(s string, at int) string {
	part, before, after := cutAround(s, at)
	quoted := fmt.Sprintf("%q", part)
	if before {
		quoted = "…" + quoted
	}
	if after {
		quoted += "…"
	}
	if before || after {
		quoted += fmt.Sprintf(" (%d bytes)", len(s))
	}
	return quoted
}

// A testifyReport is an assert.TestingT that keeps what testify reports.
type testifyReport struct{ text string }

func (r *testifyReport) Errorf(format string, args ...any) { r.text += fmt.Sprintf(format, args...) }

// excerpt is the start of a body, for an error.
func excerpt(b []byte) string {
	const most = 120
	if len(b) > most {
		return fmt.Sprintf("%q… (%d bytes)", b[:most], len(b))
	}
	return fmt.Sprintf("%q", b)
}
