package httpxtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/scopetree/scope/internal/carrier"
)

// originHeader is the header that tells the server which line of a test sent a request.
// The server removes it first, so no reply and no journal shows it.
const (
	originHeader  = "Httpxtest-Origin"
	outcomeHeader = "Httpxtest-Outcome" // for the number of the request's outcome
)

// An origin adds to each request the line of the test that sends it, if that is on the
// goroutine's stack.
type origin struct {
	http.RoundTripper
	server *Server
}

// String returns the target as package httpx lists it in a route.
func (o origin) String() string {
	return fmt.Sprintf("fake at %s (%s)", o.server.URL, o.server.site)
}

func (o origin) RoundTrip(req *http.Request) (*http.Response, error) {
	if !carrier.InBubble(o.server.bubble) {
		return nil, o.server.elsewhere(req)
	}
	line := testLine()
	outcome, number, done := newOutcome()
	defer done()
	out := *req // a shallow copy, because trailers are set while the body is read
	out.Header = make(http.Header, len(req.Header)+2)
	maps.Copy(out.Header, req.Header)
	out.Header[outcomeHeader] = []string{number}
	if line != "" {
		out.Header[originHeader] = []string{line}
	}
	resp, err := o.RoundTripper.RoundTrip(&out)
	if failed := outcome.err.Load(); err != nil && failed != nil {
		err = *failed
	}
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// elsewhere closes a request's body, and returns an error that says that the request and
// the server are not in the same bubble of testing/synctest. Goroutines there must not
// wait for one another. The end of the test reports it too.
func (s *Server) elsewhere(req *http.Request) error {
	if req.Body != nil {
		req.Body.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	const why = "a request and the fake are not in the same bubble of testing/synctest: " +
		"make the fake where its requests come from, in a bubble with httpxtest.InMemory()"
	if !slices.Contains(s.failures, why) {
		s.failures = append(s.failures, why)
	}
	return fmt.Errorf("httpxtest: %s, made at %s: %s", s.name, s.site, why)
}

// An unlisted is a transport whose route is not listed in errors.
type unlisted struct{ http.RoundTripper }

func (unlisted) String() string { return "" }

// CloseIdleConnections closes the idle connections of the transport below.
func (o origin) CloseIdleConnections() {
	if c, ok := o.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// takeOrigin removes the line from a request, and returns it with a copy of the request
// that has its outcome.
func takeOrigin(r *http.Request) (line string, _ *http.Request) {
	line, number := r.Header.Get(originHeader), r.Header.Get(outcomeHeader)
	r.Header.Del(originHeader)
	r.Header.Del(outcomeHeader)
	return line, r.WithContext(withOutcome(r.Context(), number))
}
