package grpcscope

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/grpc"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// Route returns a binding that sends the scope's calls for target through cc. cc may be
// any connection, or a fake with its two methods. A nil cc panics.
//
// target is the target of the connection that has [DialOptions], such as "payments:443".
// Only the endpoint counts: "dns:///payments:443" and "passthrough:///payments:443" are
// the same target.
//
// A call that a route has taken is not routed again.
func Route(target string, cc grpc.ClientConnInterface) scope.Binding {
	if cc == nil {
		panic(fmt.Sprintf("grpcscope: Route(%q) to a nil connection", target))
	}
	return routed.Bind(route{endpoint(target), cc})
}

// A route is the connection for an endpoint.
type route struct {
	endpoint string
	cc       grpc.ClientConnInterface
}

// String returns the route for people. It doesn't print the connection, whose
// fields change.
func (r route) String() string { return fmt.Sprintf("%s → %s", r.endpoint, where(r.cc)) }

// where returns a text that says where a connection leads.
func where(cc grpc.ClientConnInterface) string {
	if c, ok := cc.(*grpc.ClientConn); ok {
		return c.Target()
	}
	return fmt.Sprintf("%T", cc)
}

var (
	routed = scope.NewKey("grpcscope.route", route{})
	routes = scope.NewKey[table]("grpcscope.routes", nil)
)

func init() { engine.Collect(routed, routes, add) }

// A table has the connection for each endpoint. It does not change once it is bound.
type table map[string]grpc.ClientConnInterface

func add(t table, r route, fresh bool) table {
	if fresh || t == nil {
		if t = maps.Clone(t); t == nil {
			t = table{}
		}
	}
	t[r.endpoint] = r.cc
	return t
}

// String lists the routes, in the order of their endpoints.
func (t table) String() string {
	if len(t) == 0 {
		return "none"
	}
	var list []string
	for _, e := range slices.Sorted(maps.Keys(t)) {
		list = append(list, route{e, t[e]}.String())
	}
	return strings.Join(list, ", ")
}

// endpoint returns a target without its scheme and authority, as
// google.golang.org/grpc/resolver.Target has it.
func endpoint(target string) string {
	if _, rest, ok := strings.Cut(target, "://"); ok {
		_, path, _ := strings.Cut(rest, "/")
		if p, err := url.PathUnescape(path); err == nil {
			return p
		}
		return path
	}
	return target
}

// within is the key for the method of a routed call, in the call's context. Other calls
// with that context, such as those of an interceptor that asks for a token, are routed on
// their own.
type within struct{}

// find returns the connection for a call, and the context for that. The connection is nil
// if no route takes the call.
func find(ctx context.Context, method, target string) (context.Context, grpc.ClientConnInterface, error) {
	if ctx.Value(within{}) == method {
		return ctx, nil, nil
	}
	if err := scope.Err(ctx); err != nil {
		return ctx, nil, refuse(method, target, err)
	}
	t := scope.Get(ctx, routes)
	if cc := t[endpoint(target)]; cc != nil {
		return context.WithValue(ctx, within{}, method), cc, nil
	}
	if p := scope.Get(ctx, Unrouted); p != Allow {
		return ctx, nil, refuse(method, target, unrouted(ctx, p, t))
	}
	return ctx, nil, nil
}
