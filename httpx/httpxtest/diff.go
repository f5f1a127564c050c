package httpxtest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

// Limits of the differences that a report shows.
const (
	mostLines    = 60  // lines of a diff
	mostCompared = 200 // lines that are compared, from the first that differs
	mostOfLine   = 200 // bytes of a line that is shown as a whole
	mostAround   = 80  // bytes that are shown of a longer line, around the first that differs
)

// difference shows two texts as a diff. If both are one line, or one of them is not text,
// it shows them side by side. The result follows the word "differs".
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
	const margin = "\n\t            \t" // testify's reports have it before each line
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
	return ":\n    --- want\n    +++ got" + strings.Join(list, "\n")
}

// hunk matches the head of a part of a diff, which has the line numbers.
var hunk = regexp.MustCompile(`@@ -\d+,\d+ \+\d+,\d+ @@`)

// window returns the lines of two texts that are to be compared. Of long texts these are
// the first lines that differ, cut, and three lines before them. A diff of all lines
// could take minutes.
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

// sideBySide shows two texts in one line, quoted. Of long texts it shows the part that
// differs.
func sideBySide(want, got string) string {
	if len(want) <= mostOfLine && len(got) <= mostOfLine {
		return fmt.Sprintf(": want %q, got %q", want, got)
	}
	at := firstDifference(want, got)
	return fmt.Sprintf(" after %d equal bytes: want %s, got %s", at, quotedAround(want, at), quotedAround(got, at))
}

// firstDifference returns how many bytes the two texts have in common at their start.
func firstDifference(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// cutAround returns the part of a text around the byte at an index, and whether it leaves
// out text before and after.
func cutAround(s string, at int) (part string, before, after bool) {
	if len(s) <= mostOfLine {
		return s, false, false
	}
	start := max(at-mostAround/4, 0)
	end := min(start+mostAround, len(s))
	for start > 0 && start < end && s[start]&0xC0 == 0x80 { // this byte is in the middle of a character
		start++
	}
	for end < len(s) && end > start && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[start:end], start > 0, end < len(s)
}

// around returns a text, or the part around the byte at an index if the text is long.
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

// quotedAround is around with quotes. If it cuts the text, it adds its length.
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

// A testifyReport is an assert.TestingT that keeps what testify writes to it.
type testifyReport struct{ text string }

func (r *testifyReport) Errorf(format string, args ...any) { r.text += fmt.Sprintf(format, args...) }

// excerpt returns the beginning of a body, quoted, for an error.
func excerpt(b []byte) string { return beginning(string(b), 120) }

// beginning returns a text, quoted. If it is longer than most bytes, it is cut, and its
// length is added.
func beginning(s string, most int) string {
	if part := prefix(s, most); part != s {
		return fmt.Sprintf("%q… (%d bytes)", part, len(s))
	}
	return strconv.Quote(s)
}

// prefix returns the first bytes of a text, at most this many. It cuts no character.
func prefix(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for i := range utf8.UTFMax {
		if utf8.RuneStart(s[most-i]) {
			return s[:most-i]
		}
	}
	return s[:most]
}
