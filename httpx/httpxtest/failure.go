package httpxtest

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// failure returns the report of a reply or a check that panicked with v. If v is nil, it
// ended its goroutine, as t.FailNow does.
func failure(r *Request, route *Expectation, v any) string {
	what, instead := "middleware", "call t.Errorf or testify's assert there"
	switch {
	case route != nil:
		what = "the reply of " + route.place()
	case r.checking != nil:
		what, instead = "a Match function of "+r.checking.place(), "return an error there" // no other check runs the test's code
	}
	if v == nil {
		return fmt.Sprintf("%s for %s ended its goroutine, perhaps by t.Fatal or testify's require, so the client got no answer: %s", what, r.line(), instead)
	}
	return fmt.Sprintf("%s for %s panicked: %v\n\n%s", what, r.line(), v, replyStack(string(debug.Stack())))
}

// replyStack cuts a stack down to the frames between the panic and the call of the reply.
func replyStack(stack string) string {
	if _, below, ok := strings.Cut(stack, "\npanic("); ok {
		if _, below, ok = strings.Cut(below, "\n"); ok { // skip the rest of this line
			_, stack, _ = strings.Cut(below, "\n") // and the line with the file
		}
	}
	for _, own := range []string{"(*replier)", "(*Expectation).", "candidate.", "(*Server)."} { // functions that call the test's code
		if above, _, ok := strings.Cut(stack, "\n"+thisPackage+own); ok {
			stack = above
			break
		}
	}
	return strings.TrimSuffix(stack, "\n")
}

// hanging returns the report of requests that are not answered, with the stacks of their
// replies.
func (s *Server) hanging(patience time.Duration) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, r := range s.journal {
		if !r.answered {
			lines = append(lines, r.sent()+", "+r.taken())
		}
	}
	var stacks []string
	for stack := range strings.SplitSeq(allStacks(), "\n\n") {
		if strings.Contains(stack, fmt.Sprintf("%s(*Server).ServeHTTP(%p", thisPackage, s)) {
			stacks = append(stacks, stack)
		}
	}
	requests := "1 request is"
	if s.inFlight != 1 {
		requests = fmt.Sprintf("%d requests are", s.inFlight)
	}
	return fmt.Sprintf("%v after the test ended, %s still not answered:\n\n    %s\n\n"+
		"If its client still waits, let the test wait for the client. If the reply does not return, see its stack below. "+
		"httpxtest.Patience sets how long the end of the test waits.\n\n%s",
		patience, requests, strings.Join(lines, "\n    "), strings.Join(stacks, "\n\n"))
}

// allStacks returns the stacks of all goroutines. A large suite has thousands, and the
// last one may be the one that matters.
func allStacks() string {
	for size := 1 << 20; ; size *= 2 {
		all := make([]byte, size)
		if n := runtime.Stack(all, true); n < size || size >= 64<<20 {
			return string(all[:n])
		}
	}
}
