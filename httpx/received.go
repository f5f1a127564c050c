package httpx

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

// received returns a header as the other end of a connection reads it: keys in
// their canonical form, and those gone that have no value or are not sent.
func received(h http.Header) http.Header {
	got := make(http.Header, len(h))
	for k, v := range h {
		switch k := textproto.CanonicalMIMEHeaderKey(k); {
		case len(v) == 0, k == "Transfer-Encoding", strings.HasPrefix(k, http.TrailerPrefix):
		default:
			got[k] = append(got[k], v...)
		}
	}
	return got
}

// closes says whether a header asks for the connection to be closed.
func closes(h http.Header) bool { return strings.EqualFold(h.Get("Connection"), "close") }

// serverRequest returns the request as a server would have read it.
func (x *exchange) serverRequest(ctx context.Context) *http.Request {
	req := x.req
	r := (&http.Request{
		Method: cmp.Or(req.Method, http.MethodGet),
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body:       http.NoBody,
		Close:      req.Close || closes(req.Header),
		Host:       cmp.Or(req.Host, req.URL.Host),
		RequestURI: req.URL.RequestURI(),
		RemoteAddr: "192.0.2.1:1234", // RFC 5737: an address for documentation
	}).WithContext(ctx)
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		u = new(url.URL)
		*u = *req.URL
	}
	r.URL = u
	if req.URL.Scheme == "https" {
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: req.URL.Hostname()}
	}
	if req.Body != nil && req.Body != http.NoBody {
		b := &requestBody{ctx, req, announced(req.Trailer)}
		r.Body, r.Trailer = b, b.trailer
		if r.ContentLength = req.ContentLength; r.ContentLength <= 0 {
			r.ContentLength = -1
			r.TransferEncoding = []string{"chunked"}
		}
	}
	r.Header = serverHeader(req, r)
	return r
}

// serverHeader returns req's header with what a transport adds and leaves out
// when it sends it as r.
func serverHeader(req, r *http.Request) http.Header {
	h := received(req.Header)
	h.Del("Host")
	h.Del("Trailer")
	h.Del("Content-Length")
	bodied := r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch
	if r.ContentLength > 0 || r.ContentLength == 0 && bodied {
		h.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	if r.Close {
		h.Set("Connection", "close")
	}
	if asksForGzip(req) {
		h.Set("Accept-Encoding", "gzip")
	}
	switch agent, ok := req.Header["User-Agent"]; {
	case !ok:
		h.Set("User-Agent", "Go-http-client/1.1")
	case len(agent) == 0 || agent[0] == "":
		h.Del("User-Agent")
	}
	return h
}

// announced returns trailers as they are before the body is read.
func announced(trailer http.Header) http.Header {
	if trailer == nil {
		return nil
	}
	keys := make(http.Header)
	for k := range trailer {
		keys[k] = nil
	}
	return keys
}

// A requestBody is the request's body as the handler sees it.
type requestBody struct {
	ctx     context.Context // the handler's; over when it has returned
	client  *http.Request
	trailer http.Header // the keys that are announced, and at the end their values
}

func (b *requestBody) Read(p []byte) (int, error) {
	if b.ctx.Err() != nil {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.client.Body.Read(p)
	if err == io.EOF {
		for k := range b.trailer {
			b.trailer[k] = b.client.Trailer[k]
		}
	}
	return n, err
}

// Close leaves the client's body alone: it is closed when the handler is done.
func (b *requestBody) Close() error { return nil }
