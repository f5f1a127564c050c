package httpxtest

import (
	"fmt"
	"maps"
	"net/http"
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
