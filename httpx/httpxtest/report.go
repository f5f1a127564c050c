package httpxtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/proxy"
	"github.com/scopetree/scope/internal/engine"
)

// A stray is a request that no route takes. count is the number of times that it came for
// the same reason.
type stray struct {
	reason string
	count  int
	text   string
}

// stray notes a request that no route takes, and returns the text for the client. s.mu is
// held.
func (s *Server) stray(r *Request, nearest *miss) string {
	var b strings.Builder
	switch {
	case nearest != nil && nearest.near == forbidden:
		fmt.Fprintf(&b, "httpxtest: %s received a request that must never come:\n\n    %s\n", s.name, r.sent())
		fmt.Fprintf(&b, "\nForbidden by %s\n", nearest.route.place())
	default:
		fmt.Fprintf(&b, "httpxtest: %s received a request that the test does not expect:\n\n    %s\n", s.name, shownBy(r, nearest))
		if nearest != nil {
			fmt.Fprintf(&b, "\nNearest: %s, but %s\n", nearest.route.place(), nearest.why)
		}
	}
	if nearest != nil && nearest.near != forbidden && nearest.route.usedUp() {
		b.WriteString("\nIt took:\n")
		s.takenBy(nearest.route).write(&b)
	}
	if i := slices.IndexFunc(s.journal, r.sentAgain); i >= 0 {
		fmt.Fprintf(&b, "\nThe same request came before%s, and its reply broke %s\n", s.journal[i].origin(), s.journal[i].whoRepeats())
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

// takenBy returns the first requests that a route took. s.mu is held.
func (s *Server) takenBy(route *Expectation) *lines {
	const most = 20
	taken, n := new(lines), 0
	for _, r := range s.journal {
		switch {
		case r.route != route:
		case n < most:
			taken.add(r.sent())
			n++
		default:
			taken.add(fmt.Sprintf("… and %d more", route.count-most))
			return taken
		}
	}
	return taken
}

// shownBy returns a request for the report of its nearest route. It leaves out the body
// if the reason shows that.
func shownBy(r *Request, nearest *miss) string {
	if nearest != nil && nearest.ofBody {
		return r.line() + r.origin()
	}
	return r.sent()
}

// verify fails the test for requests that are missing, and for requests that it does
// not expect.
func (s *Server) verify() {
	s.t.Helper()
	if s.misses() {
		proxy.AwaitHandshakes(100 * time.Millisecond) // for what notSent lists
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.failures {
		s.t.Errorf("httpxtest: %s: %s", s.name, f)
	}
	for _, x := range s.strays {
		text := x.text
		if x.count > 1 {
			text = strings.Replace(text, " received a request ", fmt.Sprintf(" received, %d times, a request ", x.count), 1)
		}
		s.t.Error(strings.TrimSuffix(text, "\n"))
	}
	if text := s.missingText(); text != "" {
		s.t.Error(strings.TrimSuffix(text, "\n"))
	} else if s.routed && len(s.journal) == 0 && !follows() {
		// No request had to come. But none could, and requests went to the real host.
		s.t.Errorf("httpxtest: %s received nothing, and could not: http.DefaultTransport was replaced by a %T, which follows no route: "+
			"put httpx.Wrap around that", s.name, http.DefaultTransport)
	}
}

// misses reports whether a request is missing.
func (s *Server) misses() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.routes, (*Expectation).missing)
}

// missingText returns the report of missing requests, or "" if all came.
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
	notSent := s.notSent()
	switch {
	case len(s.journal) > 0:
		b.WriteString("\nReceived:\n")
		var received lines
		for i, r := range s.journal {
			received.add(r.sent() + ", " + r.taken() + tooEarly(i, r, missing))
		}
		received.write(&b)
	case notSent != "" || s.shadows != nil:
		b.WriteString("\nIt received no request at all.\n")
	default:
		b.WriteString(s.nothingCame())
	}
	if s.shadows != nil {
		b.WriteString("\nThese subtests made a fake of this host of their own, which took their requests:\n")
		var shadows lines
		for _, place := range s.shadows {
			shadows.add(place)
		}
		shadows.write(&b)
		b.WriteString("Declare what they send on that fake, or let them have none.\n")
	}
	b.WriteString(notSent)
	return b.String()
}

// tooEarly returns a note for a request that came before the declaration of an
// expectation that could have taken it. i is the index of the request in the journal.
func tooEarly(i int, r *Request, missing []*Expectation) string {
	for _, e := range missing {
		if !r.stray || i >= e.since {
			continue
		}
		if takes, _ := e.pattern.takes(&http.Request{Method: r.Method, URL: r.URL, Host: r.Host}); takes {
			return " yet: " + e.place() + " was declared after it came"
		}
	}
	return ""
}

// notSent lists the requests that were refused, or failed before they were sent. It lists
// all of this test's. Of requests in no scope, which may be other tests', it lists those
// for a host like this server's, since the server started.
func (s *Server) notSent() string {
	var b strings.Builder
	list := func(title string, failures []engine.Failure) {
		if len(failures) == 0 {
			return
		}
		b.WriteString(title)
		var all lines
		for _, f := range failures {
			line := f.Request.String()
			if f.From != "" {
				line += ", tried at " + f.From
			}
			all.add(line + "\n        " + strings.ReplaceAll(f.Why, "; ", "\n        "))
		}
		all.write(&b)
	}
	list("\nNot sent in this test:\n", engine.Failures(s.ctx))
	unscoped := slices.DeleteFunc(engine.Unscoped.Since(s.since), func(f engine.Failure) bool { return !s.hasHostLike(f.Host) })
	list("\nNot sent while this test ran, outside of any test's scope:\n", unscoped)
	if slices.ContainsFunc(unscoped, func(f engine.Failure) bool { return f.Lost }) {
		b.WriteString("\nTo bring the code into the test's scope, do one of these:\n")
		for _, way := range waysIntoTheScope() {
			b.WriteString("  - " + way + "\n")
		}
	}
	return b.String()
}

// hasHostLike reports whether a host is the server's or nearly so: one contains the
// other.
func (s *Server) hasHostLike(host string) bool {
	own, other := (&url.URL{Host: canonical(s.name)}).Hostname(), (&url.URL{Host: canonical(host)}).Hostname()
	own = strings.TrimPrefix(own, "*")
	return strings.Contains(own, other) || strings.Contains(other, own)
}

// A lines collects the lines of a report. Equal lines become one line with a count.
type lines struct {
	order []string
	count map[string]int
}

func (l *lines) add(line string) {
	if l.count == nil {
		l.count = map[string]int{}
	}
	if l.count[line]++; l.count[line] == 1 {
		l.order = append(l.order, line)
	}
}

// counted returns the lines. A line that was added several times has its count. If an
// entry has several lines, the first has the count.
func (l *lines) counted() []string {
	list := slices.Clone(l.order)
	for i, line := range list {
		if n := l.count[line]; n > 1 {
			first, rest, more := strings.Cut(line, "\n")
			list[i] = fmt.Sprintf("%s (%d times)", first, n)
			if more {
				list[i] += "\n" + rest
			}
		}
	}
	return list
}

func (l *lines) write(b *strings.Builder) {
	for _, line := range l.counted() {
		fmt.Fprintf(b, "    %s\n", line)
	}
}

// nothingCame says what may have kept all requests away.
func (s *Server) nothingCame() string {
	if !s.routed {
		return perhaps + "  - the client was not given the server's URL, " + s.URL + "\n" + notRun
	}
	text := perhaps
	if !follows() {
		text += "  - http.DefaultTransport was replaced: put httpx.Wrap around the new one\n"
	}
	if c := scope.Carrier(); c != "labels" {
		text += "  - the test's goroutine is bound to no scope, since the carrier is " + c + ": call the code in scope.Run\n"
	}
	return text +
		"  - the client has a transport of its own, or an early clone of http.DefaultTransport, which routes do not reach: put httpx.Wrap around it, or use httpx.Client()\n" +
		notRun
}

const (
	perhaps = "\nIt received no request at all. Perhaps:\n"
	notRun  = "  - the code that sends the request did not run, or was still waiting when the test ended\n"
)

// listRoutes lists the routes that can take a request, and those that are used up.
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
	switch {
	case len(s.routes) == 0:
		text += " none. The fake (" + s.site + ") had no Expect or Stub when the request came\n"
	case active == nil:
		text += " none\n"
	default:
		text += "\n" + table(active)
	}
	if used != nil {
		text += "\nUsed up:\n" + table(used)
	}
	return text
}

// table lists expectations, one per line.
func table(list []*Expectation) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, e := range list {
		fmt.Fprintf(w, "    %s%s\t%s\t%s\n", e.name(), e.conditions(), e.tally(), e.site)
	}
	w.Flush()
	return b.String()
}

// conditions lists the expectation's conditions beyond its pattern.
func (e *Expectation) conditions() string {
	var text string
	for i, c := range e.checks {
		if i == 0 {
			text = " with " + c.what
		} else {
			text += ", " + c.what
		}
	}
	for _, o := range e.after {
		text += fmt.Sprintf(", after #%d%s", o.number, o.of(e.server))
	}
	return text
}

// tally returns how many requests are expected, and how many came.
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
	case e.min > 0:
		return fmt.Sprintf("expected %d to %d times%s", e.min, e.max, got)
	}
	return "expected at most " + times(e.max) + got
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
