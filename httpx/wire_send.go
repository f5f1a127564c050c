package httpx

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// A wireRoute is what sends for a route that came over the wire. It is that
// route's transport, so that nothing that the client's own transport has is
// used for it: a dialer that does not look, a proxy, a client certificate.
type wireRoute struct {
	wire    *Wire
	route   route // with the target
	trusted bool
}

// RoundTrip sends a request to the target.
func (x *wireRoute) RoundTrip(req *http.Request) (*http.Response, error) {
	out := new(http.Request)
	*out = *req
	if originOf(req.URL) != x.route.origin { // else it is there already
		var err error
		if out, err = x.route.redirect(req); err != nil {
			return nil, fail(req, err)
		}
	}
	if !x.trusted {
		out.Header = withoutSecrets(out.Header)
	}
	resp, err := x.wire.transport.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	if err := x.staysHere(req.URL, resp); err != nil {
		resp.Body.Close()
		return nil, &requestError{req.Method, req.URL, err}
	}
	if !x.trusted {
		resp.Header.Del("Set-Cookie") // a client's jar would keep it for the real host
	}
	return resp, nil
}

// staysHere says why a response must not reach a client that follows redirects:
// its next request would go, unchecked, where the server has sent it.
func (x *wireRoute) staysHere(asked *url.URL, resp *http.Response) error {
	location := resp.Header.Get("Location")
	if resp.StatusCode < 300 || resp.StatusCode > 399 || location == "" {
		return nil
	}
	u, err := asked.Parse(location)
	if err != nil {
		return nil // there is no next request
	}
	if o := originOf(u); (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && x.route.pattern.takes(o) {
		return nil
	}
	return fmt.Errorf("%v redirects to %q: %w: let it redirect to a path", x.route.target, u.Host, ErrDestination)
}

// secrets are what package http does not send on when a redirect leads to
// another domain (see Client), and the tokens of this module.
var secrets = []string{
	"Authorization", "Www-Authenticate", "Cookie", "Cookie2", "Proxy-Authorization", "Proxy-Authenticate",
	tokenName, "Scope-Context",
}

// withoutSecrets returns a header without them. It leaves h as it is.
func withoutSecrets(h http.Header) http.Header {
	made := maps.Clone(h)
	for name := range h {
		for _, secret := range secrets {
			if http.CanonicalHeaderKey(name) == secret {
				delete(made, name)
			}
		}
	}
	return made
}

// newTransport returns the one that all routes of w are sent with. It keeps
// connections by host and port, and those alone decide which destination it is
// and so which addresses may be dialled: no connection that one route has made
// is forbidden to another that finds it. (The fields are those of
// http.DefaultTransport, but for Proxy.)
func (w *Wire) newTransport() *http.Transport {
	return &http.Transport{
		DialContext:           w.dial,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// dial connects to an address that is allowed for a host. Control is called
// with each address that the name stands for, right before it is connected to:
// there is no second look-up that could say something else.
func (w *Wire) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	d := w.at(originOf(&url.URL{Host: hostPort}))
	if d == nil {
		return nil, fmt.Errorf("httpx: %q: %w", hostPort, ErrDestination)
	}
	dialer := net.Dialer{
		Timeout:   30 * time.Second,
		KeepAlive: 30 * time.Second,
		Resolver:  w.resolver,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("httpx: %q: %w", address, ErrDestination)
			}
			return d.check(ap.Addr())
		},
	}
	return dialer.DialContext(ctx, network, hostPort)
}
