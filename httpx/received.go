package httpx

import (
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
// their canonical form, those without a value gone, and those that are about
// the connection, not the message.
func received(h http.Header) http.Header {
	got := make(http.Header, len(h))
	for k, v := range h {
		switch k := textproto.CanonicalMIMEHeaderKey(k); {
		case len(v) == 0, k == "Trailer", k == "Transfer-Encoding", strings.HasPrefix(k, http.TrailerPrefix):
		default:
			got[k] = append(got[k], v...)
		}
	}
	return got
}

// serverRequest returns the request as a server would have read it.
func (x *exchange) serverRequest(ctx context.Context) *http.Request {
	req := x.req
	r := (&http.Request{
		Method: req.Method,
		Proto:  "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        received(req.Header),
		Body:          http.NoBody,
		ContentLength: req.ContentLength,
		Close:         req.Close,
		Host:          req.Host,
		RequestURI:    req.URL.RequestURI(),
		RemoteAddr:    "192.0.2.1:1234", // RFC 5737: an address for documentation
	}).WithContext(ctx)
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		u = new(url.URL)
		*u = *req.URL
	}
	r.URL = u
	if req.URL.Scheme == "https" {
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: req.URL.Hostname()}
	}
	r.Header.Del("Host")
	if ua, ok := r.Header["User-Agent"]; !ok {
		r.Header.Set("User-Agent", "Go-http-client/1.1")
	} else if ua[0] == "" {
		r.Header.Del("User-Agent")
	}
	if req.Body != nil && req.Body != http.NoBody {
		b := &requestBody{ctx: ctx, client: req}
		if r.Body = b; r.ContentLength == 0 {
			r.ContentLength = -1
		}
		if req.Trailer != nil {
			b.trailer = make(http.Header)
		}
		for k := range req.Trailer {
			b.trailer[k] = nil
		}
		r.Trailer = b.trailer
	}
	r.Header.Del("Content-Length")
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		if r.ContentLength == 0 {
			r.Header.Set("Content-Length", "0")
		}
	}
	switch {
	case r.ContentLength > 0:
		r.Header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	case r.ContentLength < 0:
		r.TransferEncoding = []string{"chunked"}
	}
	return r
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
