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
// There is room for some keys more.
func received(h http.Header, more int) http.Header {
	got := make(http.Header, len(h)+more)
	n := 0
	for _, v := range h {
		n += len(v)
	}
	values := make([]string, 0, n) // of all keys: one allocation
	for k, v := range h {
		switch k := textproto.CanonicalMIMEHeaderKey(k); {
		case len(v) == 0, k == "Transfer-Encoding", strings.HasPrefix(k, http.TrailerPrefix):
		case got[k] != nil:
			got[k] = append(got[k], v...) // k was written in two ways
		default:
			from := len(values)
			values = append(values, v...)
			got[k] = values[from:len(values):len(values)]
		}
	}
	return got
}

// closes says whether a header asks for the connection to be closed.
func closes(h http.Header) bool {
	for _, line := range h["Connection"] {
		for option := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(option), "close") {
				return true
			}
		}
	}
	return false
}

// serverRequest returns the request as a server would have read it.
func (x *exchange) serverRequest(ctx context.Context) *http.Request {
	req := x.req
	r := noRequest.WithContext(ctx) // the one way to set the context, a copy
	r.Method = cmp.Or(req.Method, http.MethodGet)
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.Body = http.NoBody
	r.Close = req.Close || closes(req.Header)
	r.Host = cmp.Or(req.Host, req.URL.Host)
	r.RemoteAddr = "192.0.2.1:1234" // RFC 5737: an address for documentation
	r.RequestURI = req.URL.RequestURI()
	r.URL = x.serverURL(r.RequestURI)
	if req.URL.Scheme == "https" {
		r.TLS = &x.tls
		x.tls.Version, x.tls.HandshakeComplete, x.tls.ServerName = tls.VersionTLS13, true, req.URL.Hostname()
	}
	if req.Body != nil && req.Body != http.NoBody {
		b := &requestBody{ctx: ctx, client: req}
		r.Body = b
		if r.ContentLength = req.ContentLength; r.ContentLength <= 0 {
			r.ContentLength = -1
			r.TransferEncoding = []string{"chunked"}
			b.trailer = announced(req.Trailer) // which nothing else can have
			r.Trailer = b.trailer
		}
	}
	r.Header = x.serverHeader(r)
	return r
}

var noRequest http.Request

// serverURL returns the URL of a request line.
func (x *exchange) serverURL(requestURI string) *url.URL {
	u := x.req.URL
	if u.Opaque != "" || u.RawPath != "" || !strings.HasPrefix(u.Path, "/") {
		if parsed, err := url.ParseRequestURI(requestURI); err == nil {
			return parsed
		}
		x.url = *u
		return &x.url
	}
	// Parsing would give the path and the query back as they are.
	x.url = url.URL{Path: u.Path, RawQuery: u.RawQuery, ForceQuery: u.ForceQuery && u.RawQuery == ""}
	return &x.url
}

// serverHeader returns the request's header with what a transport adds and
// leaves out when it sends it as r.
func (x *exchange) serverHeader(r *http.Request) http.Header {
	sent := x.req.Header
	h := received(sent, len(x.added))
	delete(h, "Host")
	delete(h, "Trailer")
	delete(h, "Content-Length")
	added := x.added[:]
	set := func(k, v string) {
		added[0] = v
		h[k], added = added[:1:1], added[1:]
	}
	bodied := r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch
	if r.ContentLength > 0 || r.ContentLength == 0 && bodied {
		set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	if r.Close {
		set("Connection", "close")
	}
	if x.gzip {
		set("Accept-Encoding", "gzip")
	}
	switch agent, ok := sent["User-Agent"]; {
	case !ok:
		set("User-Agent", "Go-http-client/1.1")
	case len(agent) == 0 || agent[0] == "":
		delete(h, "User-Agent")
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
