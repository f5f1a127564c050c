// Package routing has the routes of a scope: which requests they take, and in which order
// they are tried. Package httpx and package wire bind them.
package routing

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"

	"github.com/scopetree/scope/httpx/internal/address"
)

// A Route takes requests for some hosts and sends them to Target or through Transport. The
// base URL is a route too.
type Route struct {
	Hosts     address.Pattern
	Written   string   // Hosts as errors list them; if "", they list Hosts
	Target    *url.URL // set it with SetTarget
	Transport http.RoundTripper
	KeepHost  bool
	What      string // the target, handler or transport, for people
	Invalid   error  // why the route can't be used

	origin address.Origin // the target's
}

// SetTarget sets the route's target.
func (r *Route) SetTarget(target string) error {
	u, err := address.ParseTarget(target)
	if err == nil {
		r.Target, r.origin = u, address.OriginOf(u)
	}
	return err
}

// String returns a line for the list of routes in an error.
func (r Route) String() string { return cmp.Or(r.Written, r.Hosts.String()) + " → " + r.What }

// Redirect returns a copy of req for the route's target. The copy is shallow:
// Request.Clone would copy the trailers, and lose the ones set while the body is read.
func (r *Route) Redirect(req *http.Request) (*http.Request, error) {
	made := &redirected{request: *req}
	out := &made.request
	if err := address.Rewrite(&made.url, req.URL, r.Target); err != nil {
		return nil, err
	}
	out.URL = &made.url
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	if r.KeepHost {
		out.Host = host
		return out, nil
	}
	out.Host = ""
	out.Header = make(http.Header, len(req.Header)+2)
	maps.Copy(out.Header, req.Header)
	made.forwarded = [2]string{host, req.URL.Scheme}
	if len(req.Header["X-Forwarded-Host"]) == 0 { // a gateway's own header stays
		out.Header["X-Forwarded-Host"] = made.forwarded[0:1:1]
	}
	if len(req.Header["X-Forwarded-Proto"]) == 0 {
		out.Header["X-Forwarded-Proto"] = made.forwarded[1:2:2]
	}
	return out, nil
}

// A redirected holds a request and the values it points to, in one allocation.
type redirected struct {
	request   http.Request
	url       url.URL
	forwarded [2]string // values of headers
}

// Error returns an error that names a request that failed before it was sent. It leaves out
// the URL's query and user, because they may hold secrets.
func Error(req *http.Request, err error) error { return &requestError{req.Method, req.URL, err} }

type requestError struct {
	method string
	url    *url.URL
	err    error
}

func (e *requestError) Error() string {
	method, where := e.method, "(no URL)"
	if method == "" {
		method = http.MethodGet
	}
	if e.url != nil {
		where = (&url.URL{Scheme: e.url.Scheme, Host: e.url.Host, Path: e.url.Path, RawPath: e.url.RawPath}).String()
	}
	return fmt.Sprintf("httpx: %s %s: %v", method, where, e.err)
}

func (e *requestError) Unwrap() error { return e.err }
