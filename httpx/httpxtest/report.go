package httpxtest

import (
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"

	"github.com/scopetree/scope"
)

// A stray is a request that nobody asked for, and how often it came for the
// same reason.
type stray struct {
	reason string
	count  int
	text   string
}

// stray notes a request that nobody asked for, and returns what the client is
// told. It is called with s.mu held.
func (s *Server) stray(r *Request, nearest *miss) string {
	var b strings.Builder
	switch {
	case nearest != nil && nearest.near == forbidden:
		fmt.Fprintf(&b, "httpxtest: %s received a request that must never come:\n\n    %s\n", s.name, r.sent())
		fmt.Fprintf(&b, "\nForbidden by %s\n", nearest.route.place())
	default:
		fmt.Fprintf(&b, "httpxtest: %s received a request that nobody asked for:\n\n    %s\n", s.name, r.sent())
		if nearest != nil {
			fmt.Fprintf(&b, "\nNearest: %s, but %s\n", nearest.route.place(), nearest.why)
		}
	}
	reason := b.String()
	text := reason + s.listRoutes()
	for _, known := range s.strays {
		if known.reason == reason {
			known.count++
			return text
		}
	}
	s.strays = append(s.strays, &stray{reason, 1, text})
	return text
}

// verify fails the test for what did not come and for what came unasked.
func (s *Server) verify() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.failures {
		s.t.Errorf("httpxtest: %s: %s", s.name, f)
	}
	for _, x := range s.strays {
		text := x.text
		if x.count > 1 {
			text = strings.Replace(text, ":\n", fmt.Sprintf(", %d times:\n", x.count), 1)
		}
		s.t.Error(strings.TrimSuffix(text, "\n"))
	}
	if text := s.missingText(); text != "" {
		s.t.Error(strings.TrimSuffix(text, "\n"))
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
	if len(s.journal) == 0 {
		b.WriteString(s.nothingCame())
		return b.String()
	}
	b.WriteString("\nReceived:\n")
	for _, r := range s.journal {
		took := "taken by " + r.Route
		if r.Route == "" {
			took = "nobody asked for it"
		}
		fmt.Fprintf(&b, "    %s, %s\n", r.sent(), took)
	}
	return b.String()
}

// nothingCame says what may have kept every request away.
func (s *Server) nothingCame() string {
	if !s.routed {
		return "\nIt received no request at all. Nothing was sent to " + s.URL + ".\n"
	}
	text := "\nIt received no request at all. Perhaps\n"
	if _, plain := http.DefaultTransport.(*http.Transport); plain {
		text += "  - httpx.Install was not called: call it in TestMain\n"
	}
	if c := scope.Carrier(); c != "labels" {
		text += "  - the test's goroutine is bound to no scope, since the carrier is " + c + ": call the code in scope.Run\n"
	}
	return text +
		"  - the client has a transport of its own: put httpx.Wrap around it, or use httpx.Client()\n" +
		"  - the goroutine that sends was started outside the test: pass it the context, or use scope.Wrap\n" +
		"  - the request was for another host: httpx refuses it, and its error says so\n"
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

// tally says how many requests should come, and how many did.
func (e *Expectation) tally() string {
	got := fmt.Sprintf(", got %d", e.count)
	switch {
	case e.stub && e.min == 0:
		return "stub" + got
	case e.max == 0:
		return "never"
	case e.min == e.max:
		return "expected " + times(e.max) + got
	case e.max == unlimited:
		return "expected at least " + times(e.min) + got
	}
	return "expected at most " + times(e.max) + got
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
