package httpxtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// Sequence returns a reply that is the first of the replies for the first request, the
// second for the second, and so on. After the last one, it stays the last. Requests that
// come at once take one each, in any order.
func Sequence(replies ...http.Handler) http.Handler {
	if len(replies) == 0 {
		panic("httpxtest: Sequence of no replies")
	}
	for _, h := range replies {
		checkReply("Sequence", h)
	}
	var next atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := min(int(next.Add(1))-1, len(replies)-1)
		replies[i].ServeHTTP(w, r)
	})
}

// WithStatus returns a reply that is h's with another status.
func WithStatus(status int, h http.Handler) http.Handler {
	checkReply("WithStatus", h)
	checkStatus("WithStatus", status, 200)
	return changed(h, func(header http.Header, _ int) int {
		if !bodyAllowed("", status) {
			header.Del("Content-Length") // of h's body: over HTTP/2 a client would wait for it
		}
		return status
	})
}

// WithHeader returns a reply that is h's with a header field set to value. It replaces
// the value that h sets. An empty value removes the field.
func WithHeader(name, value string, h http.Handler) http.Handler {
	checkReply("WithHeader", h)
	return changed(h, func(header http.Header, status int) int {
		if value == "" {
			header.Del(name)
		} else {
			header.Set(name, value)
		}
		return status
	})
}

// Delay returns a reply that waits for d, and then answers as h does. If the
// client gives up before, there is no reply.
func Delay(d time.Duration, h http.Handler) http.Handler {
	checkReply("Delay", h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !pause(r, d) {
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	})
}

// Chunked returns a reply whose chunks are sent one by one, with no
// Content-Length.
func Chunked(status int, chunks ...string) http.Handler {
	checkStatus("Chunked", status, 100)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		for _, c := range chunks {
			io.WriteString(w, c)
			http.NewResponseController(w).Flush()
		}
	})
}

// An Event is a server-sent event: see [SSE]. An empty Name or ID is left out.
type Event struct{ Name, ID, Data string }

// SSE returns a reply that is a stream of server-sent events, each sent as it
// is written (HTML Living Standard, section 9.2). It panics for a Name or an ID
// of more than one line.
func SSE(events ...Event) http.Handler {
	for _, e := range events {
		if strings.ContainsAny(e.Name+e.ID, "\r\n") {
			panic(fmt.Sprintf("httpxtest: SSE: line break in the name or the ID of %+v", e))
		}
	}
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		for _, e := range events {
			if e.Name != "" {
				fmt.Fprintf(w, "event: %s\n", e.Name)
			}
			if e.ID != "" {
				fmt.Fprintf(w, "id: %s\n", e.ID)
			}
			for line := range strings.SplitSeq(lines.Replace(e.Data), "\n") {
				fmt.Fprintf(w, "data: %s\n", line)
			}
			io.WriteString(w, "\n")
			http.NewResponseController(w).Flush()
		}
	})
}

// File returns a reply with a file's content. The content type is found as
// [http.ServeContent] does, from the name or the content. File reads the file at once,
// and panics if it can't.
func File(name string) http.Handler {
	content, err := os.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("httpxtest: File: %v", err))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		readBody(r)
		http.ServeContent(w, r, filepath.Base(name), time.Time{}, bytes.NewReader(content))
	})
}

// checkReply panics for a reply that is nil here, and not when a request comes.
func checkReply(name string, h http.Handler) {
	if h == nil {
		panic("httpxtest: " + name + " of a nil handler")
	}
}

// pause waits for d, and returns false if the client gives up before.
func pause(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
