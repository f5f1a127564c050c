package httpx

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/address"
	"github.com/scopetree/scope/httpx/internal/routing"
	"github.com/scopetree/scope/internal/engine"
)

// refusal returns the error for a refused request. It says what was missing.
func refusal(ctx context.Context, u *url.URL, routes *routing.Set) error {
	where := ", and"
	if name := scope.Name(ctx); name != "" {
		where = fmt.Sprintf(" in scope %q, where", name)
	} else if engine.Identity(ctx) == nil {
		where = ", since there is no scope in the context or the goroutine, and"
	}
	return fmt.Errorf("%w: no route for it%s httpx.Unrouted is %v; routes: %v%s",
		ErrRefused, where, policy(routes), routes, hint(ctx, u, routes))
}

// hint says how to fix a refusal, or "" if the cause is not known.
func hint(ctx context.Context, u *url.URL, routes *routing.Set) string {
	if below := routedBelow(ctx, u); below != "" {
		return below
	}
	switch {
	case routedByGoroutine(u):
		return "; the goroutine's scope has a route for it, but the request's context is older: take the context after the route is bound"
	case isLoopback(u):
		return "; to call a server of the test's own, use its srv.Client(), add a route to it, or bind httpx.Unrouted to httpx.RefuseRemote"
	case engine.Identity(ctx) == nil && scope.Carrier() != "labels":
		return fmt.Sprintf("; the carrier is %s, so only goroutines that scope.Go starts inherit: call the code under test in scope.Run", scope.Carrier())
	}
	if host := nearlyRouted(routes, u.Hostname()); host != "" {
		return fmt.Sprintf("; did you mean %s, which has a route?", host)
	}
	return ""
}

// nearlyRouted returns the routed host that is most like another, or "" if none is.
func nearlyRouted(s *routing.Set, host string) (nearest string) {
	const most = 2 // letters that differ
	least := most + 1
	host = strings.ToLower(host)
	for _, r := range s.All() {
		if r.What == "" || r.Hosts.Kind < address.AnyBelow {
			continue
		}
		routed := strings.TrimPrefix(r.Hosts.Host, ".")
		d := distance(host, routed)
		if partOf(host, routed) || partOf(routed, host) {
			d = min(d, most)
		}
		if d < least && 4*d <= len(routed) && net.ParseIP(routed) == nil {
			nearest, least = r.Hosts.String(), d
		}
	}
	return nearest
}

// partOf reports whether a host begins or ends with the labels of another, as
// www.example.com does with those of example.com.
func partOf(host, part string) bool {
	return strings.HasSuffix(host, "."+part) || strings.HasPrefix(host, part+".")
}

// distance returns how many letters to insert, delete or replace to make a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1) // distances of a's beginning from each beginning of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// routedByGoroutine reports whether the goroutine's scope has a route for u. A context
// that carries a scope hides the goroutine's.
func routedByGoroutine(u *url.URL) bool {
	routes, err := routing.Of(context.Background())
	r, known := find(routes, u)
	return err == nil && (r != nil || known)
}

// routedBelow names a subtest of the scope's test that has a route for u. A server
// that the outer test started does not run in the subtest's scope.
func routedBelow(ctx context.Context, u *url.URL) (text string) {
	engine.Below(ctx, routing.Key, func(path string, s *routing.Set) bool {
		if r, _ := find(s, u); r != nil && r.Hosts.Kind != address.BaseURL {
			text = fmt.Sprintf("; the subtest %q has a route for it, %v, but the test around it started this goroutine: "+
				"put httpx.Adopt around the server's handler, and bind httpx.SendToken to true, so that requests carry their scope", path, r)
		}
		return text == ""
	})
	return text
}
