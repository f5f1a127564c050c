package wire

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

	"github.com/scopetree/scope/httpx/internal/address"
	"github.com/scopetree/scope/httpx/internal/routing"
)

// A sender sends the requests that a route from the wire takes. It is the route's
// transport, so the client's own transport is not used, with its proxy, its client
// certificate and its dialer that checks no address.
type sender struct {
	entry   *Entry
	route   routing.Route // has the target
	trusted bool
}

// RoundTrip sends a request to the target.
func (x *sender) RoundTrip(req *http.Request) (*http.Response, error) {
	out := new(http.Request)
	*out = *req
	if address.OriginOf(req.URL) != address.OriginOf(x.route.Target) { // else it is there already
		var err error
		if out, err = x.route.Redirect(req); err != nil {
			if req.Body != nil {
				req.Body.Close()
			}
			return nil, routing.Error(req, err)
		}
	}
	if !x.trusted {
		out.Header = withoutSecrets(out.Header)
	}
	resp, err := x.entry.transport.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	if err := x.staysHere(req.URL, resp); err != nil {
		resp.Body.Close()
		return nil, routing.Error(req, err)
	}
	if !x.trusted {
		resp.Header.Del("Set-Cookie") // a client's jar would keep it for the real host
	}
	return resp, nil
}

// staysHere returns an error if the response redirects to a URL that the route does
// not take. A client that follows redirects would send its next request there
// unchecked.
func (x *sender) staysHere(asked *url.URL, resp *http.Response) error {
	location := resp.Header.Get("Location")
	if resp.StatusCode < 300 || resp.StatusCode > 399 || location == "" {
		return nil
	}
	u, err := asked.Parse(location)
	if err != nil {
		return nil // there is no next request
	}
	if o := address.OriginOf(u); (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && x.route.Hosts.Takes(o) {
		return nil
	}
	return fmt.Errorf("%v redirects to %q: %w: let it redirect to a path", x.route.Target, u.Host, ErrDestination)
}

// secrets are the headers that package http drops when a redirect leads to another
// domain (see http.Client), and the headers that carry this module's tokens.
var secrets = []string{
	"Authorization", "Www-Authenticate", "Cookie", "Cookie2", "Proxy-Authorization", "Proxy-Authenticate",
	"Scope-Token", "Scope-Context",
}

// withoutSecrets returns a copy of h without secrets.
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

// newTransport returns the transport that all routes of e share. It keeps connections
// by host and port. Host and port alone decide the destination, and so the addresses
// that may be dialled. A connection that one route made is therefore allowed for
// every other route that reuses it. The fields are those of http.DefaultTransport,
// without Proxy.
func (e *Entry) newTransport() *http.Transport {
	return &http.Transport{
		DialContext:           e.dial,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// dial connects to an address that is allowed for the host. The dialer calls
// ControlContext with each resolved address, right before it connects to it. There is
// no second look-up that could return another address.
func (e *Entry) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	d := e.at(address.OriginOf(&url.URL{Host: hostPort}))
	if d == nil {
		return nil, fmt.Errorf("httpx: %q: %w", hostPort, ErrDestination)
	}
	dialer := net.Dialer{
		Timeout:   30 * time.Second,
		KeepAlive: 30 * time.Second,
		Resolver:  e.resolver,
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
