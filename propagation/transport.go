package propagation

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// A Transport is an http.RoundTripper that injects the scope of each request
// that goes to one of the destinations in To. A request to anywhere else never
// has a token, not even one that its header came with. Neither does a redirect
// take it along.
//
// The scope is that of the request's context, or else of the goroutine that
// calls RoundTrip. Where [Propagator.Inject] fails, nothing is sent.
//
// It may be used by many goroutines.
type Transport struct {
	// Propagator makes the tokens. Nil makes none.
	Propagator *Propagator

	// To has the audience of each destination, by host: "" for that of the
	// Propagator. A host is in lower case, as it stands in a URL, with a port
	// or, for any port, without.
	To map[string]string

	// Base sends the requests. Nil is http.DefaultTransport.
	Base http.RoundTripper
}

// RoundTrip sends a request as the type's comment says. A token that the header
// has already is replaced; where there is nothing to inject it stays, for the
// destinations in To.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	audience, named := t.audience(req.URL)
	token := ""
	if named {
		var err error
		if token, err = t.Propagator.token(req.Context(), audience); err != nil {
			if req.Body != nil {
				req.Body.Close()
			}
			return nil, err
		}
	}
	_, has := req.Header[canonicalHeader]
	if token == "" && (named || !has) {
		return t.base().RoundTrip(req)
	}
	out := *req // not Request.Clone, which loses trailers that are set while the body is read
	out.Header = make(http.Header, len(req.Header)+1)
	maps.Copy(out.Header, req.Header)
	delete(out.Header, canonicalHeader)
	if token != "" {
		out.Header[canonicalHeader] = []string{token}
	}
	resp, err := t.base().RoundTrip(&out)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// audience returns that of the destination that a request is for, and false if
// it is for none.
func (t *Transport) audience(u *url.URL) (string, bool) {
	if u == nil {
		return "", false // package http says so
	}
	port := u.Port()
	host := strings.TrimSuffix(strings.ToLower(u.Host), ":"+port)
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	if audience, ok := t.To[host+":"+port]; ok {
		return audience, true
	}
	audience, ok := t.To[host]
	return audience, ok
}

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	return http.DefaultTransport
}

// CloseIdleConnections closes those of Base, if it has such a method.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
