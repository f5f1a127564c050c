package scopetest

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// report logs the test's bindings and its routed requests, if the test has failed.
func (s *state) report() {
	if !s.t.Failed() {
		return
	}
	s.t.Helper()
	if text := s.text(); text != "" {
		s.t.Log(text)
	}
}

// note keeps bindings for the report.
func (s *state) note(b []scope.Binding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given = append(s.given, b...)
}

// text returns the report, or "" if it has nothing to say.
func (s *state) text() string {
	values, told := s.values()
	requests := engine.Requests(s.ctx)
	if values == nil && (!told || requests.Total == 0) {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "scopetest: scope %q\n", scope.Name(s.ctx))
	const most = 20
	if more := len(values) - most; more > 0 {
		fmt.Fprintf(&b, "  %d values set before\n", more)
		values = values[more:]
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, v := range values {
		fmt.Fprintf(w, "  %s = %s\t%s\n", v.Key, v.Value, v.Place)
	}
	w.Flush()
	writeRequests(&b, requests)
	return strings.TrimSuffix(b.String(), "\n")
}

func writeRequests(b *strings.Builder, r engine.Requested) {
	if r.Total == 0 {
		return
	}
	if fmt.Fprintf(b, "  %d request", r.Total); r.Total > 1 {
		b.WriteString("s")
	}
	b.WriteString(" routed\n")
	earlier := r.Total
	for _, last := range r.Last {
		earlier -= last.Count
	}
	if earlier > 0 {
		fmt.Fprintf(b, "    %d earlier\n", earlier)
	}
	for _, last := range r.Last {
		fmt.Fprintf(b, "    %v", last.Request)
		if last.Count > 1 {
			fmt.Fprintf(b, " (%d)", last.Count)
		}
		b.WriteString("\n")
	}
}

// values returns the bindings of the test's scope, and those that it inherits from tests
// around it, in the order in which they were made. It leaves out bindings that are in
// told: the reports of subtests have listed them, and a test fails together with its
// subtests.
func (s *state) values() (list []engine.Description, told bool) {
	for o := s; o != nil; o = o.outer {
		o.mu.Lock()
		given := o.given
		if o == s {
			given, told = given[o.told:], o.told > 0
		} else {
			o.told = len(given)
		}
		o.mu.Unlock()
		for _, b := range slices.Backward(given) {
			v := engine.Describe(&b)
			if v.Of == nil || slices.ContainsFunc(list, func(later engine.Description) bool { return replaces(later, v) }) {
				continue
			}
			if o != s {
				v.Place += ", by " + o.t.Name()
			}
			list = append(list, v)
		}
	}
	slices.Reverse(list)
	return list, told
}

// replaces reports whether a later binding hides an earlier one completely.
func replaces(later, b engine.Description) bool {
	return later.Of == b.Of && (!b.Many || later.Value == b.Value)
}
