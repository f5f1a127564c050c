// Package travel is what package httpx tells package wire of routes, and nobody
// else. Package httpx sets its variables before any other code can use them, and
// they do not change.
package travel

import (
	"context"
	"net/http"
	"net/url"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/address"
)

// A Route takes the requests for some hosts. They go to Target, or else through
// Transport.
type Route struct {
	Hosts     address.Pattern
	Target    *url.URL
	KeepHost  bool
	Transport http.RoundTripper
	What      string // where they go, for people
}

var (
	// Routes returns those of ctx's scope, in the order in which they are tried. An
	// error is why no request of that scope can be sent.
	Routes func(ctx context.Context) ([]Route, error)

	// Bind returns a binding of routes that are tried in this order, before all that
	// the scope has already.
	Bind func([]Route) scope.Binding

	// Redirect returns a shallow copy of a request that is for a route's target.
	Redirect func(r Route, req *http.Request) (*http.Request, error)

	// Error returns an error that names the request.
	Error func(req *http.Request, err error) error
)
