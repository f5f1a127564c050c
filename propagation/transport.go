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
	// or, for any port, without. Anything else, such as a URL or a pattern, is
	// an error of every request, found at the first. To must not be changed
	// after that.
	To map[string]string

	// Base sends the requests. Nil is http.DefaultTransport.
	Base http.RoundTripper

	check   sync.Once
	invalid error // what is wrong with To
}

// RoundTrip sends a request as the type's comment says. A token that the header
// has already is replaced; where there is nothing to inject it stays, for the
// destinations in To.
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

// checkHosts names the hosts that no request could be for. It would have no
// token, and nobody would hear why.
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

// isHost says whether a URL can have s for its host, with or without a port.
func isHost(s string) bool {
	u, err := url.Parse("//" + s)
	if err != nil || u.Host != s || s != strings.ToLower(s) || strings.Contains(s, "*") || strings.HasSuffix(s, ":") {
		return false
	}
	name := u.Hostname()
	return name != "" && (s[0] == '[' || !strings.Contains(name, ":")) // an IPv6 address has its brackets
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
