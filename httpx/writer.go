package httpx

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
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
	answered bool  // the client has the response
	length   int64 // of the body so far
	declared int64 // Content-Length, or -1
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
		w.x.infos = append(w.x.infos, info{status, w.Header().Clone()})
		return
	}
	w.status = status
	w.sent = w.Header().Clone()
	w.declared = -1
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		w.declared = n
	} else {
		w.sent.Del("Content-Length")
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
	return w.x.pipe.write(b)
}

// EnableFullDuplex is what http.ResponseController looks for: it is so anyway.
func (w *writer) EnableFullDuplex() error { return nil }

// finish sends what is left. A cause other than nil is why the handler did not
// return: the client then has a broken connection.
func (w *writer) finish(cause error) {
	end := io.EOF
	switch {
	case cause != nil && !w.answered:
		w.x.pipe.finish(io.ErrUnexpectedEOF)
		w.x.err = fmt.Errorf("%w: %w", cause, io.EOF)
		close(w.x.answered)
		return
	case cause != nil:
		end = io.ErrUnexpectedEOF
	default:
		if w.status == 0 {
			w.WriteHeader(http.StatusOK)
		}
		if !w.answered && w.declared < 0 && bodyAllowed(w.status) && len(w.trailerKeys()) == 0 &&
			(w.x.req.Method != http.MethodHead || w.length > 0) {
			w.declared = w.length
			w.sent.Set("Content-Length", strconv.FormatInt(w.length, 10))
		}
		if w.declared > w.length && bodyAllowed(w.status) && w.x.req.Method != http.MethodHead {
			end = io.ErrUnexpectedEOF
		}
		w.FlushError()
	}
	w.x.pipe.atEOF = w.trailers
	w.x.pipe.finish(end)
}

// answer gives the client the response, with its header, once.
func (w *writer) answer() {
	if w.answered {
		return
	}
	w.answered = true
	h := w.sent
	if _, ok := h["Date"]; !ok {
		h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	_, typed := h["Content-Type"]
	if !typed && len(w.buffer) > 0 && h.Get("Content-Encoding") == "" {
		h.Set("Content-Type", http.DetectContentType(w.buffer))
	}
	resp := &http.Response{
		Status:     fmt.Sprintf("%03d %s", w.status, http.StatusText(w.status)),
		StatusCode: w.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        h,
		ContentLength: w.declared,
		Body:          &responseBody{w.x},
		Request:       w.x.req,
	}
	for _, k := range w.trailerKeys() {
		if resp.Trailer == nil {
			resp.Trailer = make(http.Header)
		}
		resp.Trailer[k] = nil
	}
	for k := range h {
		if k == "Trailer" || strings.HasPrefix(k, http.TrailerPrefix) {
			delete(h, k)
		}
	}
	switch {
	case !bodyAllowed(w.status):
		resp.ContentLength = 0
		resp.Body = http.NoBody
	case w.x.req.Method == http.MethodHead:
		resp.Body = http.NoBody
	case w.declared < 0:
		resp.TransferEncoding = []string{"chunked"}
	}
	w.x.response = resp
	close(w.x.answered)
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

// trailers fills in the response's trailers: those that were announced, and
// those with http.TrailerPrefix. It runs on the reader's goroutine, at the end.
func (w *writer) trailers() {
	resp := w.x.response
	found := make(http.Header)
	for k := range resp.Trailer {
		if v, ok := w.header[k]; ok {
			found[k] = slices.Clone(v)
		}
	}
	for k, v := range w.header {
		if k, ok := strings.CutPrefix(k, http.TrailerPrefix); ok {
			found[textproto.CanonicalMIMEHeaderKey(k)] = slices.Clone(v)
		}
	}
	if len(found) > 0 {
		if resp.Trailer == nil {
			resp.Trailer = make(http.Header)
		}
		maps.Copy(resp.Trailer, found)
	}
}

// bodyAllowed says whether a response may have a body (RFC 9110 section 6.4.1).
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// An info is a 1xx answer.
type info struct {
	status int
	header http.Header
}

// tell calls the hooks of the client's trace that make sense with no connection.
func (x *exchange) tell(trace *httptrace.ClientTrace) {
	for _, i := range x.infos {
		if trace.Got1xxResponse != nil {
			trace.Got1xxResponse(i.status, textproto.MIMEHeader(i.header))
		}
	}
	if trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
}
