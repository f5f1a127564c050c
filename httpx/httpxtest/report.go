package httpxtest

import (
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/assert"
)

// A stray is a request that nobody asked for, and how often it came.
type stray struct {
	line  string
	count int
	text  string
}

// stray notes a request that nobody asked for, and returns what the client is
// told. It is called with s.mu held.
func (s *Server) stray(r *Request, nearest *miss) string {
	var b strings.Builder
	fmt.Fprintf(&b, "httpxtest: %s received a request that nobody asked for:\n\n    %s\n", s.name, r.line())
	if nearest != nil {
		fmt.Fprintf(&b, "\nNearest: %s (%s), but %s\n", nearest.route.name(), nearest.route.site, nearest.why)
	}
	b.WriteString(s.listRoutes())
	text := b.String()
	for _, known := range s.strays {
		if known.line == r.line() {
			known.count++
			return text
		}
	}
	s.strays = append(s.strays, &stray{r.line(), 1, text})
	return text
}

// verify fails the test for what did not come and for what came unasked.
func (s *Server) verify() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.panics {
		s.t.Errorf("httpxtest: %s: %s", s.name, p)
	}
	for _, x := range s.strays {
		text := x.text
		if x.count > 1 {
			text = strings.Replace(text, "a request that nobody asked for:",
				fmt.Sprintf("a request that nobody asked for, %d times:", x.count), 1)
		}
		s.t.Error(text)
	}
	if text := s.missingText(); text != "" {
		s.t.Error(text)
	}
}

// missingText says what did not come, "" if all did.
func (s *Server) missingText() string {
	var missing []*Expectation
	for _, e := range s.routes {
		if e.missing() {
			missing = append(missing, e)
		}
	}
	if missing == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "httpxtest: %s did not receive what the test expects:\n\n%s", s.name, table(missing))
	if len(s.journal) > 0 {
		b.WriteString("\nReceived:\n")
		for _, r := range s.journal {
			took := r.Route
			if took == "" {
				took = "nobody"
			}
			fmt.Fprintf(&b, "    %s, taken by %s\n", r.line(), took)
		}
		return b.String()
	}
	b.WriteString("\nIt received no request at all. Perhaps the client has a transport of its own, and wants httpx.Wrap" +
		" around it or httpx.Client(); or the goroutine was started outside the test, and wants the context or scope.Go.\n")
	if _, plain := http.DefaultTransport.(*http.Transport); plain {
		b.WriteString("http.DefaultTransport follows no routes: httpx.Install was not called, which belongs into TestMain.\n")
	}
	return b.String()
}

// listRoutes lists the routes that would take a request, and those used up.
func (s *Server) listRoutes() string {
	var active, used []*Expectation
	for _, e := range s.routes {
		if e.usedUp() && e.max > 0 {
			used = append(used, e)
		} else {
			active = append(active, e)
		}
	}
	text := "\nActive routes:"
	if active == nil {
		text += " none\n"
	} else {
		text += "\n" + table(active)
	}
	if used != nil {
		text += "\nAlready used:\n" + table(used)
	}
	return text
}

// table lists expectations, a line each.
func table(list []*Expectation) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, e := range list {
		fmt.Fprintf(w, "    %s\t%s\t%s\n", e.name(), e.tally(), e.site)
	}
	w.Flush()
	return b.String()
}

// tally says how many requests came, and how many should.
func (e *Expectation) tally() string {
	got := fmt.Sprintf("got %d", e.count)
	switch {
	case e.stub:
		return "stub, " + got
	case e.max == 0:
		return "never"
	case e.min == e.max && e.max == 1:
		return "expected once, " + got
	case e.min == e.max:
		return fmt.Sprintf("expected %d times, %s", e.max, got)
	case e.max == unlimited:
		return fmt.Sprintf("expected %d times or more, %s", e.min, got)
	}
	return fmt.Sprintf("expected %d times at most, %s", e.max, got)
}

// panicText is a report of a handler's panic.
func panicText(r *Request, v any) string {
	return fmt.Sprintf("the reply to %s panicked: %v\n\n%s", r.line(), v, debug.Stack())
}

// hanging says which requests are not answered, and what all goroutines do.
func (s *Server) hanging(patience time.Duration) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, r := range s.journal {
		if !r.answered {
			lines = append(lines, r.line())
		}
	}
	stacks := make([]byte, 256<<10)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return fmt.Sprintf("%v after the test ended, %d requests are still not answered:\n\t%s\n\n%s",
		patience, s.inFlight, strings.Join(lines, "\n\t"), stacks)
}

// difference shows two texts as a diff, or side by side when they are short.
func difference(want, got string) string {
	if !strings.Contains(want+got, "\n") {
		return fmt.Sprintf("want %q, got %q", want, got)
	}
	var report testifyReport
	assert.Equal(&report, want, got)
	if _, diff, ok := strings.Cut(report.text, "Diff:\n"); ok {
		return "\n" + strings.TrimRight(strings.ReplaceAll("\n"+diff, "\n\t            \t", "\n\t"), "\n\t ")[1:]
	}
	return fmt.Sprintf("want\n%s\ngot\n%s", want, got)
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
