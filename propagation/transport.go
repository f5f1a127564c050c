package propagation

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// A Transport is an http.RoundTripper that injects the scope into requests to the
// destinations in To. A request to another host never carries a token: a token that is in
// its header already is removed. A redirect carries none either.
//
// The scope is that of the request's context, or else of the goroutine that calls
// RoundTrip. If [Propagator.Inject] fails, nothing is sent.
//
// A Transport may be used by many goroutines.
type Transport struct {
	// Propagator makes the tokens. If it is nil, no tokens are made.
	Propagator *Propagator

	// To has the audience of each destination, by host. "" is the audience of the
	// Propagator. A host is in lower case, as in a URL, with a port, or without one for
	// any port. If a key is not a host, such as a URL or a pattern, every request fails
	// with an error. To must not change after the first request.
	To map[string]string

	// Base sends the requests. If it is nil, http.DefaultTransport does.
	Base http.RoundTripper

	check   sync.Once
	invalid error // the error if To is malformed
}

// RoundTrip sends a request as the comment of the type says. For a destination in To, it
// replaces a token that the header has already. If there is nothing to inject, it leaves
// that token.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	token, named, err := t.tokenFor(req)
	if err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	_, has := req.Header[canonicalHeader]
	if token == "" && (named || !has) {
		return t.base().RoundTrip(req)
	}
	out := *req // not Request.Clone, because that loses trailers that are set while the body is read
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

// tokenFor returns the token for a request, "" for none, and whether it goes to
// one of the destinations.
func (t *Transport) tokenFor(req *http.Request) (token string, named bool, err error) {
	t.check.Do(func() { t.invalid = checkHosts(t.To) })
	if t.invalid != nil {
		return "", false, t.invalid
	}
	audience, named := t.audience(req.URL)
	if !named {
		return "", false, nil
	}
	token, err = t.Propagator.token(req.Context(), audience)
	return token, true, err
}

// checkHosts returns an error that names the keys of To that can't be a host. Otherwise
// such a destination would silently get no token.
func checkHosts(to map[string]string) error {
	var errs []error
	for _, host := range slices.Sorted(maps.Keys(to)) {
		if !isHost(host) {
			errs = append(errs, fmt.Errorf("propagation: Transport.To: %q is no host: want one in lower case, such as %q or %q",
				host, "orders.internal", "orders.internal:8080"))
		}
	}
	return errors.Join(errs...)
}

// isHost reports whether s can be the host of a URL, with or without a port.
func isHost(s string) bool {
	u, err := url.Parse("//" + s)
	if err != nil || u.Host != s || s != strings.ToLower(s) || strings.Contains(s, "*") || strings.HasSuffix(s, ":") {
		return false
	}
	name := u.Hostname()
	return name != "" && (s[0] == '[' || !strings.Contains(name, ":")) // an IPv6 address is in brackets
}

// audience returns the audience of the destination that a request is for. It returns
// false if it is for none.
func (t *Transport) audience(u *url.URL) (string, bool) {
	if u == nil {
		return "", false // package http returns an error
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

// CloseIdleConnections calls Base's method of that name, if it has one.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
