package httpxtest

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// The replies in this file are faults, as clients meet them when a network or a server
// breaks. A client that retries may send its request again. That is one more request to
// the server: expect it, or stub it.

// Reset returns a reply that resets the connection before it answers.
//
// On a connection that was used before, package http's client sends some requests
// again by itself when it breaks: those with GET, HEAD, OPTIONS or TRACE, or with an
// Idempotency-Key. So one call may be two requests: expect both, or stub.
func Reset() http.Handler { return fault(true, nil) }

// ResetAfter returns a reply that sends h's header and the first n bytes of
// its body, and then resets the connection.
func ResetAfter(n int, h http.Handler) http.Handler {
	checkReply("ResetAfter", h)
	return fault(true, cut(n, h))
}

// EOF returns a reply that closes the connection before it answers. What [Reset] says
// of requests that are sent again holds for it too.
func EOF() http.Handler { return fault(false, nil) }

// EOFAfter returns a reply that sends h's header and the first n bytes of its
// body, and then closes the connection.
func EOFAfter(n int, h http.Handler) http.Handler {
	checkReply("EOFAfter", h)
	return fault(false, cut(n, h))
}

// Truncated returns a reply whose Content-Length is length, but which sends only body
// and then closes the connection.
func Truncated(length int, body string) http.Handler {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(length))
		io.WriteString(w, body)
	})
	return fault(false, cut(len(body), h))
}

// Malformed returns a reply that is not HTTP: line stands where the status line
// should. Over HTTP/2, which has no such line, the stream is broken instead.
func Malformed(line string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			fault(false, nil).ServeHTTP(w, r)
		}
		defer conn.Close()
		io.WriteString(conn, line+"\r\n\r\n")
	})
}

// Stall returns a reply that sends nothing until the client gives up. A client that has
// not given up at the end of the test fails it: see [Patience].
func Stall() http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // a server notices that the client has gone only after it has read the body
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// StallAfter returns a reply that sends h's header and the first n bytes of
// its body, and then nothing until the client gives up.
func StallAfter(n int, h http.Handler) http.Handler {
	checkReply("StallAfter", h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cut(n, h).ServeHTTP(w, r)
		Stall().ServeHTTP(w, r)
	})
}

// Drip returns a reply that sends h's body one byte at a time, each after d.
func Drip(d time.Duration, h http.Handler) http.Handler {
	checkReply("Drip", h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(&writer{ResponseWriter: w, body: func(p []byte) (int, error) {
			for i := range p {
				if !pause(r, d) {
					panic(http.ErrAbortHandler)
				}
				if _, err := w.Write(p[i : i+1]); err != nil {
					return i, err
				}
				http.NewResponseController(w).Flush()
			}
			return len(p), nil
		}}, r)
	})
}

// fault returns a reply that sends a partial answer and then closes or resets the
// connection. If partial is nil, the client gets no header.
func fault(resets bool, partial http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if partial != nil {
			partial.ServeHTTP(w, r)
		}
		if resets {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				reset(conn) // and the server has nothing more to do
			}
		}
		panic(http.ErrAbortHandler) // closes the connection; over HTTP/2, resets the stream
	})
}

// reset closes a connection so that the peer gets a reset and not an end of file.
func reset(conn net.Conn) {
	type netConn interface{ NetConn() net.Conn }
	if c, ok := conn.(netConn); ok { // the connection below TLS
		conn = c.NetConn()
	}
	if c, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		c.SetLinger(0)
	}
	conn.Close()
}

// cut returns a reply that sends h's header and the first n bytes of h's body.
func cut(n int, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		left := n
		h.ServeHTTP(&writer{ResponseWriter: w, body: func(p []byte) (int, error) {
			some := p[:min(len(p), left)]
			left -= len(some)
			if _, err := w.Write(some); err != nil {
				return 0, err
			}
			return len(p), nil // drop the rest
		}}, r)
		http.NewResponseController(w).Flush()
	})
}
