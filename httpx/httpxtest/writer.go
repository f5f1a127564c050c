package httpxtest

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// A writer passes an answer on, and lets others change it. It has the methods of package
// http's own writers, because handlers ask for http.Flusher and the like by type
// assertion.
type writer struct {
	http.ResponseWriter
	change func(h http.Header, status int) int // called once, before the header is sent; may be nil
	body   func(p []byte) (int, error)         // writes the body in place of ResponseWriter; may be nil

	begun bool // the header is sent, or the connection was hijacked
}

func (w *writer) WriteHeader(status int) {
	informational := status >= 100 && status < 200 && status != http.StatusSwitchingProtocols
	if !w.begun && !informational {
		w.begun = true
		if w.change != nil {
			status = w.change(w.Header(), status)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(p []byte) (int, error) {
	w.begin()
	if w.body != nil {
		return w.body(p)
	}
	return w.ResponseWriter.Write(p)
}

func (w *writer) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// ReadFrom copies through Write, so that body sees everything.
func (w *writer) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{w}, r)
}

func (w *writer) Flush() {
	w.begin()
	http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.begun = true
	}
	return conn, rw, err
}

func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// begin sends the header if it is not sent yet.
func (w *writer) begin() {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
}

// changed returns a reply that is h's, with a change of its status and header.
func changed(h http.Handler, change func(h http.Header, status int) int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := &writer{ResponseWriter: w, change: change}
		h.ServeHTTP(inner, r)
		inner.begin()
	})
}
