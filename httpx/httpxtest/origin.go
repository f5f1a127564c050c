package httpxtest

import (
	"fmt"
	"maps"
	"net/http"
)

// originHeader tells the server which line of a test a request comes from. No
// reply and no journal shows it: the server takes it off first.
const (
	originHeader  = "Httpxtest-Origin"
	outcomeHeader = "Httpxtest-Outcome" // the number of the request's outcome
)

// An origin sends requests on with the line of the test that they come from,
// where that is on the goroutine's stack.
type origin struct {
	http.RoundTripper
	server *Server
}

// String is how package httpx lists the route.
func (o origin) String() string {
	return fmt.Sprintf("fake at %s (%s)", o.server.URL, o.server.site)
}

func (o origin) RoundTrip(req *http.Request) (*http.Response, error) {
	line := testLine()
	outcome, number, done := newOutcome()
	defer done()
	out := *req // shallow, as in package httpx: trailers are set while the body is read
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

// unlisted is a transport that errors do not list.
type unlisted struct{ http.RoundTripper }

func (unlisted) String() string { return "" }

// CloseIdleConnections closes those of the transport below.
func (o origin) CloseIdleConnections() {
	if c, ok := o.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// takeOrigin takes the line off a request, and returns it with a copy of the request
// that has its outcome.
func takeOrigin(r *http.Request) (line string, _ *http.Request) {
	line, number := r.Header.Get(originHeader), r.Header.Get(outcomeHeader)
	r.Header.Del(originHeader)
	r.Header.Del(outcomeHeader)
	return line, r.WithContext(withOutcome(r.Context(), number))
}
