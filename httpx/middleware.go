package httpx

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"github.com/scopetree/scope"
)

// Middleware returns a handler that calls next in the request's scope. The request's
// context carries that scope, and the goroutine is bound to it, for code below that
// has no context. When next returns, the goroutine gets its earlier binding back, so
// the connection's next request never sees this request's scope.
//
// Each bind returns bindings for a request. Middleware binds them in the request's
// scope:
//
//	httpx.Middleware(app, func(r *http.Request) []scope.Binding {
//		return []scope.Binding{tenant.Bind(r.Header.Get("Tenant"))}
//	})
//
// Of two bindings of the same key the later one counts. The scope is derived from the
// one in the request's context, such as from an outer middleware, or else from the
// scope of the goroutine that started the server. A bind that reads this scope must pass
// r.Context().
//
// The request's scope has no end of its own. Goroutines that next leaves running keep its
// values, and connections are kept from one request to the next (see [Install]).
//
// A scope that next derives is in its own context only: the goroutine stays bound to the
// request's scope. So put the middleware that sets a scope outside of this one. The check
// outerscope of cmd/scopevet finds code that forgets this within a function.
//
// To serve a request in the scope of the test that sends it, use [Adopt]. It is not
// an option of Middleware, because production code must never use it.
//
// A nil next or bind panics.
func Middleware(next http.Handler, bind ...func(*http.Request) []scope.Binding) http.Handler {
	if next == nil || slices.ContainsFunc(bind, func(f func(*http.Request) []scope.Binding) bool { return f == nil }) {
		panic("httpx: Middleware of a nil handler or function")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		var bindings []scope.Binding
		for _, f := range bind {
			bindings = append(bindings, f(r)...)
		}
		if len(bindings) > 0 {
			ctx = scope.With(ctx, bindings...)
		}
		scope.Run(ctx, func(ctx context.Context) {
			// Don't copy the request without need: outer handlers read its Pattern.
			if c := r.Context(); reflect.ValueOf(c).Comparable() && ctx == c {
				next.ServeHTTP(w, r)
				return
			}
			serveIn(ctx, next, w, r)
		})
	})
}
