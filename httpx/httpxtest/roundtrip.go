package httpxtest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
)

// RoundTrip returns a reply that is the result of f: a response, which is sent to the
// client, or an error, as of [Error]. It is for responders that are functions like
// http.RoundTripper's. f may read the request's body, and gets the server's request.
// A nil f panics.
//
// The response needs a StatusCode. Its trailers are sent too, and so is its
// ContentLength if that is more than 0. If the body is shorter, or returns an error, the
// client's body breaks off there. Three responses can't be sent and fail the test: nil
// with no error, one with no StatusCode, and one whose body is longer than its length.
func RoundTrip(f func(*http.Request) (*http.Response, error)) http.Handler {
	if f == nil {
		panic("httpxtest: RoundTrip of a nil function")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp, err := f(r)
		if resp != nil && resp.Body != nil {
			defer resp.Body.Close()
		}
		switch {
		case err != nil:
			failWith(w, r, err)
		case resp == nil:
			panic("httpxtest: RoundTrip: the function returned no response and no error")
		case resp.StatusCode != http.StatusSwitchingProtocols && (resp.StatusCode < 200 || resp.StatusCode > 999):
			panic(fmt.Sprintf("httpxtest: RoundTrip: the function returned a response with StatusCode %d: want 200 to 999", resp.StatusCode))
		}
		sendHeader(w, resp)
		if resp.Body == nil || !bodyAllowed(r.Method, resp.StatusCode) {
			return // package http would refuse the body and break the connection
		}
		sendBody(w, resp)
		for name, values := range resp.Trailer { // complete when the body has been read
			w.Header()[http.TrailerPrefix+name] = values
		}
	})
}

// sendHeader sends a response's header.
func sendHeader(w http.ResponseWriter, resp *http.Response) {
	h := w.Header()
	maps.Copy(h, resp.Header)
	if resp.ContentLength > 0 && h.Get("Content-Length") == "" {
		h.Set("Content-Length", strconv.FormatInt(resp.ContentLength, 10))
	}
	if !bodyAllowed("", resp.StatusCode) {
		h.Del("Content-Length")
	}
	if len(resp.Trailer) > 0 { // trailers need a chunked body
		h.Del("Content-Length")
		for name := range resp.Trailer {
			h.Add("Trailer", name)
		}
	}
	w.WriteHeader(resp.StatusCode)
	if len(resp.Trailer) > 0 {
		http.NewResponseController(w).Flush()
	}
}

// sendBody sends a response's body.
func sendBody(w http.ResponseWriter, resp *http.Response) {
	body := io.Reader(resp.Body)
	length, err := strconv.ParseInt(w.Header().Get("Content-Length"), 10, 64)
	announced := err == nil
	if announced {
		body = io.LimitReader(body, length)
	}
	if _, err := io.Copy(w, body); err != nil {
		// Send the part before the error. Without any answer, the client might send the
		// request again.
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	if announced {
		if n, _ := io.ReadFull(resp.Body, make([]byte, 1)); n > 0 {
			panic(fmt.Sprintf("httpxtest: RoundTrip: the function returned a response with more body than its Content-Length of %d", length))
		}
	}
}
