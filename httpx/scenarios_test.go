package httpx_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// reply returns a scenario's handler that only writes.
func reply(f func(w http.ResponseWriter)) func(http.ResponseWriter, *http.Request, func(...any)) {
	return func(w http.ResponseWriter, _ *http.Request, _ func(...any)) { f(w) }
}

// header returns a scenario's handler that sets a header, and writes parts:
// an int is a status, a string is written, nil is a flush.
func header(h http.Header, parts ...any) func(http.ResponseWriter, *http.Request, func(...any)) {
	return func(w http.ResponseWriter, _ *http.Request, note func(...any)) {
		for k, v := range h {
			w.Header()[k] = v
		}
		for _, p := range parts {
			switch p := p.(type) {
			case int:
				w.WriteHeader(p)
			case string:
				n, err := io.WriteString(w, p)
				note(n, err)
			case nil:
				flush(w)
			}
		}
	}
}

// echo returns the request's body, and notes its trailers.
func echo(w http.ResponseWriter, r *http.Request, note func(...any)) {
	b, err := io.ReadAll(r.Body)
	note(string(b), err, r.Trailer)
	w.Write(b)
}

// sends returns a change of a request to a method and a body.
func sends(method, body string, change func(*http.Request)) func(*http.Request) {
	return func(r *http.Request) {
		r.Method = method
		r.Body = io.NopCloser(strings.NewReader(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
		r.ContentLength = int64(len(body))
		if change != nil {
			change(r)
		}
	}
}

func method(m string) func(*http.Request) { return func(r *http.Request) { r.Method = m } }

func path(p string) func(*http.Request) {
	return func(r *http.Request) { r.URL, _ = r.URL.Parse("http://api.test" + p) }
}

func with(h http.Header) func(*http.Request) { return func(r *http.Request) { r.Header = h } }

func hop(to string, status int) func(http.ResponseWriter, *http.Request, func(...any)) {
	return func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		if r.URL.Path != "/start" {
			echo(w, r, note)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "hop", Value: "1"})
		http.Redirect(w, r, to, status)
	}
}

var scenarios = append(bodies, append(headers, append(requests, failings...)...)...)

var bodies = []scenario{
	{name: "nothing written", handler: header(nil)},
	{name: "small body", handler: header(nil, "small")},
	{name: "body of the buffer's size", handler: header(nil, large[:2048])},
	{name: "body of one byte more", handler: header(nil, large[:2049])},
	{name: "large body", handler: header(nil, large)},
	{name: "large body in parts", handler: header(nil, "<p>", large, large)},
	{name: "flushed", handler: header(nil, "a", nil, "b")},
	{name: "flushed first", handler: header(nil, nil, "a")},
	{name: "flushed at the end", handler: header(nil, "a", nil)},
	{name: "status twice", handler: header(nil, 201, 404, "a")},
	{name: "not found", handler: header(http.Header{"X-One": {"1"}}, 404, "no")},
	{name: "status unknown", handler: header(nil, 599, "a")},
	{name: "HEAD", handler: header(nil, "body"), request: method("HEAD")},
	{name: "HEAD, nothing written", handler: header(nil), request: method("HEAD")},
	{name: "HEAD, large", handler: header(nil, large), request: method("HEAD")},
	{name: "HEAD with a length", handler: header(http.Header{"Content-Length": {"7"}}), request: method("HEAD")},
	{name: "HEAD, 404, flushed", handler: header(nil, 404, "body", nil), request: method("HEAD")},
	{name: "204", handler: header(nil, 204)},
	{name: "204 with a body", handler: header(http.Header{"Content-Length": {"4"}, "Content-Type": {"a/b"}}, 204, "body")},
	{name: "304", handler: header(http.Header{"Etag": {`"x"`}, "Content-Type": {"a/b"}, "Content-Length": {"4"}}, 304, "body")},
	{name: "length as told", handler: header(http.Header{"Content-Length": {"4"}}, "bo", "dy")},
	{name: "length as told, flushed", handler: header(http.Header{"Content-Length": {"4"}}, "bo", nil, "dy", nil)},
	{name: "length zero", handler: header(http.Header{"Content-Length": {"0"}}, nil)},
	{name: "length too large", handler: header(http.Header{"Content-Length": {"10"}}, "body")},
	{name: "length too large, nothing written", handler: header(http.Header{"Content-Length": {"10"}})},
	{name: "length too small", handler: header(http.Header{"Content-Length": {"2"}}, "bo", "dy")},
	{name: "length too small, at once", handler: header(http.Header{"Content-Length": {"2"}}, "body")},
	{name: "length is no number", handler: header(http.Header{"Content-Length": {"four"}}, "body")},
	{name: "gzip", handler: func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "text/plain")
		z := gzip.NewWriter(w)
		io.WriteString(z, large)
		z.Close()
	}},
	{name: "gzip that the client asked for", request: with(http.Header{"Accept-Encoding": {"gzip"}}),
		handler: header(http.Header{"Content-Encoding": {"gzip"}}, "as it is")},
	{name: "gzip that is none", handler: header(http.Header{"Content-Encoding": {"gzip"}}, "not gzip")},
	{name: "gzip, no body", handler: header(http.Header{"Content-Encoding": {"gzip"}}, 204)},
	{name: "range", request: with(http.Header{"Range": {"bytes=0-1"}}), handler: header(nil, 206, "bo")},
}

var headers = []scenario{
	{name: "canonical keys", handler: header(http.Header{"x-lower": {"1"}, "X-TWO": {"2"}}, "a")},
	{name: "many values, none, empty", handler: header(http.Header{"X-Many": {"1", "2"}, "X-None": {}, "X-Nil": nil, "X-Empty": {""}}, "a")},
	{name: "changed too late", handler: reply(func(w http.ResponseWriter) {
		w.WriteHeader(200)
		w.Header().Set("X-Late", "1")
		io.WriteString(w, "a")
	})},
	{name: "type given", handler: header(http.Header{"Content-Type": {"a/b"}}, "<p>")},
	{name: "type sniffed", handler: header(nil, "<html>")},
	{name: "type sniffed of a large body", handler: header(nil, "<html>"+large)},
	{name: "type suppressed", handler: header(http.Header{"Content-Type": nil}, "<html>")},
	{name: "type of an encoded body", handler: header(http.Header{"Content-Encoding": {"br"}}, "<html>")},
	{name: "date given", handler: header(http.Header{"Date": {"Thu, 01 Jan 1970 00:00:00 GMT"}}, "a")},
	{name: "date suppressed", handler: header(http.Header{"Date": nil}, "a")},
	{name: "close", handler: header(http.Header{"Connection": {"close"}}, "a")},
	{name: "hints", handler: header(http.Header{"Link": {"</a>"}}, 103, 103, 200, "a")},
	{name: "trailers announced", handler: reply(func(w http.ResponseWriter) {
		w.Header().Set("Trailer", "X-One, x-two")
		w.Header().Add("Trailer", "X-Never")
		io.WriteString(w, "a")
		w.Header().Set("X-One", "1")
		w.Header().Set("X-Two", "2")
	})},
	{name: "trailers by prefix, too late for a small body", handler: reply(func(w http.ResponseWriter) {
		io.WriteString(w, "a")
		w.Header().Set(http.TrailerPrefix+"X-One", "1")
	})},
	{name: "trailers by prefix after a flush", handler: reply(func(w http.ResponseWriter) {
		flush(w)
		w.Header().Set(http.TrailerPrefix+"X-One", "1")
	})},
	{name: "trailers by prefix before", handler: header(http.Header{http.TrailerPrefix + "X-One": {"1"}}, "a")},
	{name: "trailers of a body with a length", handler: reply(func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1")
		w.Header().Set("Trailer", "X-One")
		io.WriteString(w, "a")
		w.Header().Set("X-One", "1")
	})},
	{name: "cookies", handler: func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		note(r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
	}, request: with(http.Header{"Cookie": {"c=3"}})},
}

var requests = []scenario{
	{name: "query", handler: echo, request: path("/start?a=%2F&b=+&c")},
	{name: "empty query", handler: echo, request: path("/?")},
	{name: "no path", handler: echo, request: path("")},
	{name: "escapes", handler: echo, request: path("/a%2Fb%20c/ü;d=1")},
	{name: "path not clean", handler: echo, request: path("//a/./b/../c//")},
	{name: "fragment and user", handler: echo, request: func(r *http.Request) { r.URL, _ = r.URL.Parse("http://u:p@api.test/x#f") }},
	{name: "virtual host", handler: echo, request: func(r *http.Request) { r.Host = "virtual.test:99" }},
	{name: "header keys", handler: echo, request: with(http.Header{"x-lower": {"1", "2"}, "X-None": {}, "X-Empty": {""}})},
	{name: "headers of the message", handler: echo, request: with(http.Header{"Host": {"h"}, "Content-Length": {"9"}, "Trailer": {"X"}, "Transfer-Encoding": {"x"}})},
	{name: "user agent", handler: echo, request: with(http.Header{"User-Agent": {"mine"}})},
	{name: "no user agent", handler: echo, request: with(http.Header{"User-Agent": {""}})},
	{name: "close", handler: echo, request: func(r *http.Request) { r.Close = true }},
	{name: "unread body", handler: header(nil, "done"), request: sends("POST", large, nil)},
	{name: "POST", handler: echo, request: sends("POST", "body", nil)},
	{name: "POST of nothing", handler: echo, request: method("POST")},
	{name: "PUT of NoBody", handler: echo, request: func(r *http.Request) { r.Method, r.Body = "PUT", http.NoBody }},
	{name: "DELETE", handler: echo, request: method("DELETE")},
	{name: "own method", handler: echo, request: sends("FROB", "body", nil)},
	{name: "GET with a body", handler: echo, request: sends("GET", "body", nil)},
	{name: "large body", handler: echo, request: sends("POST", large, nil)},
	{name: "body of unknown length", handler: echo, request: sends("POST", "body", func(r *http.Request) { r.ContentLength = -1 })},
	{name: "body of length zero that is not empty", handler: echo, request: sends("POST", "body", func(r *http.Request) { r.ContentLength = 0 })},
	{name: "trailers", handler: echo, request: sends("POST", "body", func(r *http.Request) {
		r.ContentLength = -1
		r.Trailer = http.Header{"X-Sum": nil}
		r.Body = io.NopCloser(&lateTrailer{strings.NewReader("body"), r})
	})},
	{name: "continue", handler: echo, request: sends("POST", "body", func(r *http.Request) { r.Header.Set("Expect", "100-continue") })},
	{name: "302 of a POST", handler: hop("/next", 302), request: sends("POST", "body", nil)},
	{name: "303", handler: hop("next", 303), request: sends("PUT", "body", nil)},
	{name: "307", handler: hop("/next", 307), request: sends("POST", "body", nil)},
	{name: "308, absolute", handler: hop("http://api.test/next?x#f", 308), request: sends("POST", "body", nil)},
	{name: "redirect in a circle", handler: hop("/start", 302)},
	{name: "redirect to nowhere", handler: hop("", 302)},
	{name: "redirect to a bad URL", handler: header(http.Header{"Location": {"http://%zz"}}, 302)},
	{name: "redirect without location", handler: header(nil, 302)},
}

var failings = []scenario{
	{name: "panic", handler: reply(func(http.ResponseWriter) { panic(http.ErrAbortHandler) })},
	{name: "panic after a write", handler: reply(func(w http.ResponseWriter) {
		io.WriteString(w, "body")
		panic(http.ErrAbortHandler)
	})},
	{name: "panic after a flush", handler: reply(func(w http.ResponseWriter) {
		io.WriteString(w, "body")
		flush(w)
		panic(http.ErrAbortHandler)
	})},
	{name: "panic after a whole body", handler: reply(func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "4")
		io.WriteString(w, "body")
		flush(w)
		panic(http.ErrAbortHandler)
	})},
	{name: "bad status", handler: func(w http.ResponseWriter, _ *http.Request, note func(...any)) {
		defer func() { note(recover() != nil) }()
		w.WriteHeader(99)
	}},
	{name: "request's body fails", handler: echo, wire: true, torn: true, request: sends("POST", "body", func(r *http.Request) {
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("bo"), failingReader{}))
	})},
	{name: "a length of nil", handler: reply(func(w http.ResponseWriter) {
		w.Header()["Content-Length"] = nil
		io.WriteString(w, "hello")
	})},
	{name: "a trailer of nil", handler: reply(func(w http.ResponseWriter) {
		w.Header()["Trailer"] = nil
		io.WriteString(w, "hello")
	})},
	{name: "one write is too long, the next is not", handler: func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.Header().Set("Content-Length", "5")
		for _, s := range []string{"hello, hello", "hello"} {
			n, err := io.WriteString(w, s)
			note(n, err)
		}
	}},
	{name: "nothing is written where nothing may be", handler: func(w http.ResponseWriter, r *http.Request, note func(...any)) {
		w.WriteHeader(http.StatusNotModified)
		n, err := w.Write(nil)
		note(n, err)
	}},
	{name: "close is one of the connection's options", handler: reply(func(w http.ResponseWriter) {
		w.Header().Set("Connection", "x, close")
	})},
	{name: "request with a length and a trailer", handler: echo, request: sends("POST", "body", func(r *http.Request) {
		r.Trailer = http.Header{"X-Sum": {"1"}}
	})},
	{name: "request's body is too short", handler: echo, wire: true, torn: true,
		errs:    []string{"http: ContentLength=10 with Body length 4", "use of closed network connection"},
		request: sends("POST", "body", func(r *http.Request) { r.ContentLength = 10 })},
	{name: "request's header is malformed", handler: echo, wire: true, request: with(http.Header{"X-Bad": {"a\nb"}})},
	{name: "request's method is malformed", handler: echo, wire: true, request: method("A B")},
	{name: "server hangs up", wire: true, handler: reply(func(w http.ResponseWriter) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
	})},
	{name: "answer is not HTTP", wire: true, handler: reply(func(w http.ResponseWriter) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		fmt.Fprint(conn, "hello\r\n\r\n")
		conn.Close()
	})},
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("body failed") }
