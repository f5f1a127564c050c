package httpxtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Request is an entry of a server's journal.
type Request struct {
	Time   time.Time
	Method string
	URL    *url.URL // path and query, as the server saw them
	Host   string
	Header http.Header
	// Body is what had been read of the body when the request was answered, at most 1 MiB.
	// JSON, Text, Status, Redirect and File read a body of up to 256 KiB. They do not read
	// one that the client asks leave for (Expect: 100-continue), nor one of unknown length
	// over HTTP/2 or with "Connection: close". A condition on the body reads all of it.
	// Other replies and handlers may read less.
	Body  []byte
	From  string // the line of the test that sent it, file:line; "" if unknown
	Route string // the name in reports of the route that took it, such as #1 GET /users/{id}; or "middleware"; "" if nothing took it

	route    *Expectation // took it; may be nil
	recorder *recorder
	stray    bool
	answered bool
	repeats  bool         // package http sends it again if its connection breaks without an answer
	broken   bool         // its reply broke the connection
	checking *Expectation // the route whose check runs, or has failed
}

// Requests returns the requests that were answered so far, in the order in which they
// came. They include requests that middleware answered, and those that the test does not
// expect.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Request
	for _, r := range s.journal {
		if r.answered {
			list = append(list, *r)
		}
	}
	return list
}

// newRequest returns the journal entry of a request, and a copy of the request whose body
// is recorded. The server's own request keeps its body, because by that the server knows
// whether the client waits to be asked for it (RFC 9110 section 10.1.1).
func newRequest(r *http.Request) (*Request, *http.Request) {
	from, r := takeOrigin(r)
	rec := &recorder{ReadCloser: r.Body}
	if r.Body == nil { // it comes from no server
		rec.ReadCloser = http.NoBody
	}
	r.Body = rec
	u := *r.URL
	return &Request{
		Time: time.Now(), Method: r.Method, URL: &u, Host: r.Host, Header: r.Header.Clone(), From: from, recorder: rec,
		repeats: isReused(r) && r.ProtoMajor == 1 && repeatable(r),
	}, r
}

// usedKey is the key of an *atomic.Bool in a connection's context. It is true once the
// connection has brought a request.
type usedKey struct{}

func noteUse(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, usedKey{}, new(atomic.Bool))
}

// isReused notes that a request's connection is used, and reports whether it was before.
func isReused(r *http.Request) bool {
	used, ok := r.Context().Value(usedKey{}).(*atomic.Bool)
	return ok && used.Swap(true)
}

// String returns the request's first line, its header, and the parts of a multipart
// body, without the values of fields that carry secrets, such as Authorization and
// Cookie. Of files it has the names and the sizes. Package fmt
// prints it so with every verb. The fields have all.
func (r Request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, Host: %s", r.line(), r.Host)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		values := strings.Join(r.Header[name], ", ")
		if secret(name) {
			values = redacted
		}
		fmt.Fprintf(&b, ", %s: %s", name, values)
	}
	b.WriteString(r.parts())
	return b.String()
}

// GoString returns what String does, so that %#v shows no more than %v.
func (r Request) GoString() string { return r.String() }

// redacted replaces secrets.
const redacted = "‹redacted›"

// secret reports whether the values of a header field or a form field must not be shown.
func secret(field string) bool {
	field = strings.ToLower(field)
	switch field {
	case "authorization", "proxy-authorization", "cookie", "set-cookie":
		return true
	}
	return slices.ContainsFunc([]string{"token", "secret", "password", "api-key", "apikey"},
		func(word string) bool { return strings.Contains(field, word) })
}

// line returns the request's first line for a report.
func (r *Request) line() string { return r.Method + " " + r.URL.RequestURI() }

// taken says in a report what took the request.
func (r *Request) taken() string {
	if r.Route == "" && r.stray {
		return "not expected"
	}
	if r.Route == "" {
		return "still in middleware"
	}
	if r.route == nil {
		return "taken by " + r.Route
	}
	return "taken by " + r.Route + " (" + r.route.site + ")"
}

// sentAgain reports whether r is the same as an earlier request whose reply broke the
// connection.
func (r *Request) sentAgain(earlier *Request) bool {
	return earlier.broken && earlier.line() == r.line()
}

// whoRepeats says who sends a request again after its reply has broken the connection.
func (r *Request) whoRepeats() string {
	if r.repeats {
		return "a connection that had served a request before. net/http may have sent it again by itself: the doc of httpxtest.Reset says when"
	}
	return "the connection. net/http does not repeat such a request, so the client's code has sent it again"
}

// repeatable reports whether package http may send a request again: see http.Transport.
func repeatable(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return r.Header["Idempotency-Key"] != nil || r.Header["X-Idempotency-Key"] != nil
}

// sent returns the line, the parts of a multipart body, and where the request was sent if
// that is known.
func (r *Request) sent() string { return r.line() + r.parts() + r.origin() }

func (r *Request) origin() string {
	if r.From == "" {
		return ""
	}
	return ", sent at " + r.From
}

// A recorder keeps the part of a body that is read.
type recorder struct {
	io.ReadCloser
	mu   sync.Mutex // guards kept
	kept bytes.Buffer
}

const mostKept = 1 << 20

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.mu.Lock()
	defer r.mu.Unlock()
	if room := mostKept - r.kept.Len(); room > 0 {
		r.kept.Write(p[:min(n, room)])
	}
	return n, err
}

// peek reads a request's body, and lets the handler read it again.
func peek(r *http.Request) []byte {
	body, err := io.ReadAll(r.Body)
	r.Body = nopCloser{io.MultiReader(bytes.NewReader(body), failing{err})}
	return body
}

func (r *recorder) bytes() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return bytes.Clone(r.kept.Bytes())
}

// A failing is a reader that returns the error with which a body ended, or io.EOF.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

type nopCloser struct{ io.Reader }

func (nopCloser) Close() error { return nil }
