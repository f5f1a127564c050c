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
	"sync/atomic"
	"time"
)

// A writer is the http.ResponseWriter of an exchange, used by the handler's
// goroutine alone. As on a connection, the client sees nothing of it before it
// is flushed, the buffer is full, or the handler returns.
type writer struct {
	x        *exchange
	header   http.Header
	status   int                                                // 0 until WriteHeader
	sent     http.Header                                        // the client's: header as it was at WriteHeader
	set      struct{ date, length, contentType, trailers bool } // what header had then, if only a nil
	trailer  []string                                           // the keys that it announced
	added    [3]string                                          // values of sent that the handler did not set
	buffer   []byte
	begun    bool  // the client's trace knows of a first byte
	answered bool  // the client has the response
	length   int64 // of the body so far
	written  int64 // with what was too much, as net/http counts it
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
	w.takeHeader()
	w.declared = -1
	if status == http.StatusNotModified {
		delete(w.sent, "Content-Type") // RFC 9110 section 15.4.5: what the client has counts
	}
	if length := w.sent["Content-Length"]; length != nil && bodyAllowed(status) {
		if n, err := strconv.ParseInt(length[0], 10, 64); err == nil && n >= 0 {
			w.declared = n
		}
	}
}

// takeHeader makes the client's header from the handler's, which may go on to
// change its own.
func (w *writer) takeHeader() {
	w.sent = received(w.header, len(w.added))
	_, w.set.date = w.header["Date"]
	_, w.set.contentType = w.header["Content-Type"]
	_, w.set.length = w.header["Content-Length"]
	if w.set.trailers = w.sent["Trailer"] != nil; w.set.trailers {
		w.announce()
	} else if len(w.sent) < len(w.header) { // something is left out
		w.set.trailers = hasTrailers(w.header)
	}
}

// announce takes note of the trailers that the handler announced.
func (w *writer) announce() {
	for _, line := range w.sent["Trailer"] {
		for k := range strings.SplitSeq(line, ",") {
			if k = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(k)); k != "" {
				w.trailer = append(w.trailer, k)
			}
		}
	}
}

func hasTrailers(h http.Header) bool {
	for k := range h {
		if strings.HasPrefix(k, http.TrailerPrefix) {
			return true
		}
	}
	return false
}

// add adds a value to the client's header. i is its own place in added.
func (w *writer) add(i int, key, value string) {
	w.added[i] = value
	if had := w.sent[key]; had != nil {
		w.sent[key] = append(had, value)
	} else {
		w.sent[key] = w.added[i : i+1 : i+1]
	}
}

// inform sends a 1xx answer ahead, at once.
func (w *writer) inform(status int) {
	if w.answered {
		return
	}
	w.begin()
	h := received(w.header, 0)
	delete(h, "Content-Length") // RFC 9110 section 8.6
	if err := w.x.inform(status, h); err != nil {
		w.answered = true
		w.x.answer(err)
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

func (w *writer) Write(p []byte) (int, error) { return write(w, p) }

// WriteString is what io.WriteString looks for.
func (w *writer) WriteString(s string) (int, error) { return write(w, s) }

func write[T []byte | string](w *writer, p T) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	switch {
	case len(p) == 0:
		return 0, nil
	case !bodyAllowed(w.status):
		return 0, http.ErrBodyNotAllowed
	}
	w.written += int64(len(p))
	if w.declared >= 0 && w.written > w.declared {
		return 0, http.ErrContentLength
	}
	w.length = w.written
	w.buffer = append(w.buffer, p...)
	if len(w.buffer) > bufferSize {
		if err := w.FlushError(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// Flush is http.Flusher's.
func (w *writer) Flush() { w.FlushError() }

// FlushError is what http.ResponseController looks for.
func (w *writer) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.answered {
		w.respond()
		w.x.answer(nil)
	}
	err := w.pass()
	if w.length == w.declared {
		w.x.pipe.finish(io.EOF, nil) // the client need not wait for the handler
	}
	return err
}

// pass passes what is in the buffer on to the client.
func (w *writer) pass() error {
	b := w.buffer
	w.buffer = nil
	if w.x.req.Method == http.MethodHead {
		return nil
	}
	return w.x.pipe.write(b)
}

// EnableFullDuplex is what http.ResponseController looks for: it is so anyway.
func (w *writer) EnableFullDuplex() error { return nil }

// Break makes the connection fail with err once the handler is done.
func (w *writer) Break(err error) { w.broken = err }

// finish sends what is left. A cause other than nil is why the handler did not
// return: the client then has a broken connection.
func (w *writer) finish(cause error) {
	if cause != nil || w.broken != nil {
		w.breakOff(cause)
		return
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	answered := w.answered
	if !answered {
		if w.declared < 0 && !w.set.length && bodyAllowed(w.status) && !w.set.trailers &&
			(w.x.req.Method != http.MethodHead || w.length > 0) {
			w.declared = w.length
			w.add(0, "Content-Length", strconv.FormatInt(w.length, 10))
		}
		w.respond()
	}
	end := io.EOF
	if w.declared > w.length {
		end = io.ErrUnexpectedEOF
	}
	w.pass()
	w.x.pipe.finish(end, w.trailers())
	if !answered {
		w.x.answer(nil) // now that all is there: the client finds it, and waits no more
	}
}

// breakOff drops what was not flushed. The body ends with an error. A client
// that has no response yet gets an error instead of one.
func (w *writer) breakOff(cause error) {
	end, err := io.ErrUnexpectedEOF, w.broken
	if w.broken != nil {
		end = w.broken
	} else {
		err = &requestError{w.x.req.Method, w.x.req.URL, fmt.Errorf("%w: %w", cause, io.EOF)}
	}
	if !w.answered {
		w.answered = true
		w.x.answer(err)
	}
	w.x.pipe.finish(end, w.trailers())
}

// respond makes the client's response, once.
func (w *writer) respond() {
	w.answered = true
	if !w.set.date {
		w.add(1, "Date", date(time.Now()))
	}
	if !w.set.contentType && len(w.buffer) > 0 && w.sent.Get("Content-Encoding") == "" {
		w.add(2, "Content-Type", http.DetectContentType(w.buffer))
	}
	resp := &w.x.response
	*resp = http.Response{
		Status:     statusLine(w.status),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        w.sent,
		ContentLength: w.declared,
		Body:          &w.x.body,
		Request:       w.x.req,
	}
	if resp.Close = closes(w.x.req.Header) || closes(w.sent) || w.x.req.Close; resp.Close {
		delete(resp.Header, "Connection")
	}
	if w.declared < 0 {
		delete(resp.Header, "Content-Length") // malformed, or for a status that has no body
	}
	switch {
	case !bodyAllowed(w.status):
		resp.ContentLength = 0
		resp.Body = http.NoBody
	case w.x.req.Method == http.MethodHead, w.declared == 0:
		resp.Body = http.NoBody
	case w.declared < 0:
		resp.TransferEncoding = []string{"chunked"}
		delete(resp.Header, "Trailer")
		for _, k := range w.trailer {
			if resp.Trailer == nil {
				resp.Trailer = make(http.Header)
			}
			resp.Trailer[k] = nil
		}
	}
	if w.x.gzip {
		unpack(resp)
	}
	w.begin()
}

// trailers returns what fills in the response's trailers when the client has
// read all: those that were announced, and those with http.TrailerPrefix. It is
// nil where there can be none: in a body whose length was told beforehand.
func (w *writer) trailers() func() {
	if w.declared >= 0 {
		return nil
	}
	found := make(http.Header)
	for _, k := range w.trailer {
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

// statusLine is what follows the protocol in the first line of an answer.
func statusLine(status int) string {
	text := http.StatusText(status)
	switch {
	case status == http.StatusOK:
		return "200 OK"
	case text == "":
		text = fmt.Sprint("status code ", status) // as net/http's server has it
	}
	return strconv.Itoa(status) + " " + text
}

// date returns a time as the Date header has it. It is made once a second.
func date(now time.Time) string {
	second := now.Unix()
	if d := lastDate.Load(); d != nil && d.second == second {
		return d.text
	}
	d := &dated{second, now.UTC().Format(http.TimeFormat)}
	lastDate.Store(d)
	return d.text
}

type dated struct {
	second int64
	text   string
}

var lastDate atomic.Pointer[dated]

// bodyAllowed says whether a response may have a body (RFC 9110 section 6.4.1).
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
