// Package travel gives package wire access to the routes of package httpx, without
// exporting them to other code. Package httpx sets the variables when it is
// initialized, before any other code can use them. They don't change afterwards.
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
	// Routes returns the routes of ctx's scope, in the order in which they are tried.
	// The error says why no request of that scope can be sent.
	Routes func(ctx context.Context) ([]Route, error)

	// Bind returns a binding of routes. They are tried in this order, before all
	// routes that the scope already has.
	Bind func([]Route) scope.Binding

	// Redirect returns a shallow copy of a request, rewritten for a route's target.
	Redirect func(r Route, req *http.Request) (*http.Request, error)

	// Error returns an error that names the request.
	Error func(req *http.Request, err error) error
)
