package httpxtest

import (
	"fmt"
	"strings"

	"github.com/stretchr/testify/assert"
)

// difference shows two texts as a diff, or side by side when they are short. It
// begins with the white space that sets it off.
func difference(want, got string) string {
	if !strings.Contains(want+got, "\n") {
		return fmt.Sprintf(" want %q, got %q", want, got)
	}
	var report testifyReport
	assert.Equal(&report, want, got)
	_, diff, ok := strings.Cut(report.text, "+++ Actual\n")
	if !ok {
		return fmt.Sprintf("\nwant\n%s\ngot\n%s", want, got)
	}
	const margin = "\n\t            \t" // of testify's reports
	diff = strings.ReplaceAll("\n"+diff, margin, "\n    ")
	return "\n    --- want\n    +++ got" + strings.TrimRight(diff, "\n\t ")
}

// A testifyReport is an assert.TestingT that keeps what testify reports.
type testifyReport struct{ text string }

func (r *testifyReport) Errorf(format string, args ...any) { r.text += fmt.Sprintf(format, args...) }

// excerpt is the start of a body, for an error.
func excerpt(b []byte) string {
	const most = 120
	if len(b) > most {
		return fmt.Sprintf("%q…", b[:most])
	}
	return fmt.Sprintf("%q", b)
}
