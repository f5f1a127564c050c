package httpx

import (
	"context"
	"net/http"
	"slices"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/travel"
)

// init gives package wire access to routes.
func init() {
	travel.Routes = travelling
	travel.Bind = func(list []travel.Route) scope.Binding { return travelled.Bind(arrived(list)) }
	travel.Redirect = func(r travel.Route, req *http.Request) (*http.Request, error) {
		return (&route{target: r.Target, keepHost: r.KeepHost}).redirect(req)
	}
	travel.Error = func(req *http.Request, err error) error { return &requestError{req.Method, req.URL, err} }
}

func travelling(ctx context.Context) ([]travel.Route, error) {
	rs, err := routesOf(ctx)
	if err != nil {
		return nil, err
	}
	var list []travel.Route
	for _, r := range rs.all() {
		list = append(list, travel.Route{Hosts: r.pattern, Target: r.target, KeepHost: r.keepHost, Transport: r.transport, What: r.what})
	}
	return list, nil
}

func arrived(list []travel.Route) (made []route) {
	for _, r := range list {
		made = append(made, route{pattern: r.Hosts, transport: r.Transport, what: r.What})
	}
	return made
}

// travelled is the key of routes that came over the wire. One binding holds all of
// them, in their order. Bound one by one in one scope, the most specific would be
// tried first, and not the nearest.
var travelled = scope.NewKey[[]route]("httpx.wire_routes", nil)

// addTravelled puts the routes in list before all others.
func addTravelled(rs *routes, list []route, _ bool) *routes {
	made := rs.next(true)
	return made.with(slices.Clone(list), filter(made.list, func(o route) bool {
		return !slices.ContainsFunc(list, func(r route) bool { return r.pattern == o.pattern })
	}))
}
