package httpx

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A writer is the http.ResponseWriter of an exchange, used by the handler's
// goroutine alone. As on a connection, the client sees nothing of it before it
// is flushed, the buffer is full, or the handler returns.
type writer struct {
	x        *exchange
	header   http.Header
	status   int         // 0 until WriteHeader
	sent     http.Header // header as it was at WriteHeader
	buffer   []byte
	begun    bool  // the client's trace knows of a first byte
	answered bool  // the client has the response
	length   int64 // of the body so far
	declared int64 // Content-Length, or -1
	broken   error // by Break
}

// bufferSize is net/http's server's.
const bufferSize = 2048

func (w *writer) Header() http.Header {
	if w.header == nil {
		w.header = make(http.Header)
	}
	return w.header
}

// WriteHeader takes the status and the header as it is now. A 1xx status but
// 101 goes ahead of the answer and may be followed by more.
func (w *writer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("httpx: WriteHeader: invalid status %d", status))
	}
	if w.status != 0 {
		return // net/http's server ignores it too
	}
	if status < 200 && status != http.StatusSwitchingProtocols {
		w.inform(status)
		return
	}
	w.status = status
	w.sent = w.Header().Clone()
	w.declared = -1
	if status == http.StatusNotModified {
		w.sent.Del("Content-Type") // RFC 9110 section 15.4.5: what the client has counts
	}
	n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64)
	if err == nil && n >= 0 && bodyAllowed(status) {
		w.declared = n
	}
}

// inform sends a 1xx answer ahead, at once.
func (w *writer) inform(status int) {
	if w.answered {
		return
	}
	w.begin()
	if err := w.x.inform(status, received(w.Header())); err != nil {
		w.answered = true
		w.x.answer(nil, err)
		w.x.abort(err)
	}
}

// begin tells the client's trace of the first byte.
func (w *writer) begin() {
	if !w.begun {
		w.begun = true
		w.x.firstByte()
	}
}

func (w *writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !bodyAllowed(w.status) {
		return 0, http.ErrBodyNotAllowed
	}
	if w.declared >= 0 && w.length+int64(len(p)) > w.declared {
		return 0, http.ErrContentLength
	}
	w.length += int64(len(p))
	w.buffer = append(w.buffer, p...)
	if len(w.buffer) > bufferSize {
		if err := w.FlushError(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// WriteString is what io.WriteString looks for.
func (w *writer) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// Flush is http.Flusher's.
func (w *writer) Flush() { w.FlushError() }

// FlushError is what http.ResponseController looks for.
func (w *writer) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.answer()
	b := w.buffer
	w.buffer = w.buffer[:0]
	if w.x.req.Method == http.MethodHead {
		return nil
	}
	err := w.x.pipe.write(b)
	if w.length == w.declared {
		w.x.pipe.finish(io.EOF, nil) // the client need not wait for the handler
	}
	return err
}

// EnableFullDuplex is what http.ResponseController looks for: it is so anyway.
func (w *writer) EnableFullDuplex() error { return nil }

// Break makes the connection fail with err once the handler is done.
func (w *writer) Break(err error) { w.broken = err }

// finish sends what is left. A cause other than nil is why the handler did not
// return: the client then has a broken connection.
func (w *writer) finish(cause error) {
	end := io.EOF
	switch {
	case cause != nil || w.broken != nil:
		end = w.breakOff(cause)
	default:
		if w.status == 0 {
			w.WriteHeader(http.StatusOK)
		}
		if !w.answered && bodyAllowed(w.status) && w.sent.Get("Content-Length") == "" && !w.hasTrailers() &&
			(w.x.req.Method != http.MethodHead || w.length > 0) {
			w.declared = w.length
			w.sent.Set("Content-Length", strconv.FormatInt(w.length, 10))
		}
		w.FlushError()
		if w.declared > w.length {
			end = io.ErrUnexpectedEOF
		}
	}
	w.x.pipe.finish(end, w.trailers())
}

// breakOff drops what was not flushed, and returns the error that the body ends
// with. A client that has no response yet gets an error instead of one.
func (w *writer) breakOff(cause error) error {
	end, err := io.ErrUnexpectedEOF, w.broken
	if w.broken != nil {
		end = w.broken
	} else {
		err = &requestError{w.x.req.Method, w.x.req.URL, fmt.Errorf("%w: %w", cause, io.EOF)}
	}
	if !w.answered {
		w.answered = true
		w.x.answer(nil, err)
	}
	return end
}

// answer gives the client the response, with its header, once.
func (w *writer) answer() {
	if w.answered {
		return
	}
	w.answered = true
	if _, ok := w.sent["Date"]; !ok {
		w.sent.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	_, typed := w.sent["Content-Type"]
	if !typed && len(w.buffer) > 0 && w.sent.Get("Content-Encoding") == "" {
		w.sent.Set("Content-Type", http.DetectContentType(w.buffer))
	}
	text := http.StatusText(w.status)
	if text == "" {
		text = fmt.Sprint("status code ", w.status) // as net/http's server has it
	}
	resp := &http.Response{
		Status:     strconv.Itoa(w.status) + " " + text,
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        received(w.sent),
		ContentLength: w.declared,
		Body:          &w.x.body,
		Request:       w.x.req,
	}
	if resp.Close = closes(w.x.req.Header) || closes(w.sent) || w.x.req.Close; resp.Close {
		resp.Header.Del("Connection")
	}
	if w.declared < 0 {
		resp.Header.Del("Content-Length") // malformed, or for a status that has no body
	}
	switch {
	case !bodyAllowed(w.status):
		resp.ContentLength = 0
		resp.Body = http.NoBody
	case w.x.req.Method == http.MethodHead, w.declared == 0:
		resp.Body = http.NoBody
	case w.declared < 0:
		resp.TransferEncoding = []string{"chunked"}
		resp.Header.Del("Trailer")
		for _, k := range w.trailerKeys() {
			if resp.Trailer == nil {
				resp.Trailer = make(http.Header)
			}
			resp.Trailer[k] = nil
		}
	}
	if asksForGzip(w.x.req) {
		unpack(resp)
	}
	w.begin()
	w.x.answer(resp, nil)
}

// trailerKeys returns the trailers that the header announces.
func (w *writer) trailerKeys() []string {
	var keys []string
	for _, line := range w.sent["Trailer"] {
		for k := range strings.SplitSeq(line, ",") {
			if k = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(k)); k != "" {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// hasTrailers says whether the header at WriteHeader asks for trailers.
func (w *writer) hasTrailers() bool {
	for k := range w.sent {
		if k == "Trailer" || strings.HasPrefix(k, http.TrailerPrefix) {
			return true
		}
	}
	return false
}

// trailers returns what fills in the response's trailers when the client has
// read all: those that were announced, and those with http.TrailerPrefix. It is
// nil where there can be none: in a body whose length was told beforehand.
func (w *writer) trailers() func() {
	if w.declared >= 0 {
		return nil
	}
	found := make(http.Header)
	for _, k := range w.trailerKeys() {
		if v, ok := w.header[k]; ok {
			found[k] = slices.Clone(v)
		}
	}
	for k, v := range w.header {
		if k, ok := strings.CutPrefix(k, http.TrailerPrefix); ok {
			found[textproto.CanonicalMIMEHeaderKey(k)] = slices.Clone(v)
		}
	}
	return func() {
		if len(found) == 0 {
			return
		}
		if w.x.response.Trailer == nil {
			w.x.response.Trailer = make(http.Header)
		}
		maps.Copy(w.x.response.Trailer, found)
	}
}

// bodyAllowed says whether a response may have a body (RFC 9110 section 6.4.1).
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
