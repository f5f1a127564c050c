package httpx

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"github.com/scopetree/scope"
)

// Middleware returns a handler that calls next in the request's scope: the scope is
// in the request's context, and the goroutine is bound to it, for code below that
// has no context. When next returns, the goroutine gets its earlier binding back, so
// that the connection's next request never sees this one's scope.
//
// Each bind returns bindings for a request, which are made in the request's scope:
//
//	httpx.Middleware(app, func(r *http.Request) []scope.Binding {
//		return []scope.Binding{tenant.Bind(r.Header.Get("Tenant"))}
//	})
//
// Of two for the same key the later one counts. The request's scope is the one that
// its context carries, from a middleware further out, or else that of the goroutine
// that started the server. A scope that next makes further in is in its own context
// alone: the goroutine keeps this one.
//
// To join the scope of a test that sends the request, use [Adopt]. It is no option
// here, because production code must never have it.
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
			// The same request if it can be: handlers further out read its Pattern.
			if c := r.Context(); reflect.ValueOf(c).Comparable() && ctx == c {
				next.ServeHTTP(w, r)
				return
			}
			serveIn(ctx, next, w, r)
		})
	})
}
