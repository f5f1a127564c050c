package httpxtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// JSON returns a reply with the JSON encoding of v. It panics at once when v
// can't be encoded.
func JSON(status int, v any) http.Handler {
	checkStatus("JSON", status, 100)
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("httpxtest: JSON: %v", err))
	}
	return bytesReply(status, "application/json", append(b, '\n'))
}

// Text returns a reply with a plain text.
func Text(status int, text string) http.Handler {
	checkStatus("Text", status, 100)
	return bytesReply(status, "text/plain; charset=utf-8", []byte(text))
}

// Status returns a reply with nothing but a status.
func Status(status int) http.Handler {
	checkStatus("Status", status, 100)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		readBody(r)
		w.WriteHeader(status)
	})
}

// Redirect returns a reply that sends the client to location.
func Redirect(status int, location string) http.Handler {
	checkStatus("Redirect", status, 100)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		readBody(r)
		w.Header().Set("Location", location)
		w.WriteHeader(status)
	})
}

func bytesReply(status int, contentType string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		readBody(r)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		w.Write(body)
	})
}

// readBody reads a request's body, so that [Server.Requests] has it, where package http's
// server would wait for the body too before it answers (maxPostHandlerReadBytes). That
// does not wait if the client must be asked for the body, over HTTP/2, or if it closes the
// connection after the answer. So a client may end a body of unknown length later there.
func readBody(r *http.Request) {
	const most = 256 << 10
	waits := r.ContentLength < 0 && (r.Close || r.ProtoMajor != 1 || r.ProtoMinor == 0)
	if r.Body == nil || r.ContentLength > most || r.Header.Get("Expect") != "" || waits {
		return
	}
	io.CopyN(io.Discard, r.Body, most)
}
