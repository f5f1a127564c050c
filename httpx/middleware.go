package httpx

import (
	"context"
	"net/http"
	"reflect"

	"github.com/scopetree/scope"
)

// Middleware returns a handler that calls next with its goroutine bound to the
// request's scope, for code below that has no context, and with that scope in
// the request's context. What the goroutine was bound to before comes back
// after, so that a connection's next request never sees this one's scope.
//
// What sets a scope stands outside, as in setTenant(httpx.Middleware(app)): next
// and the goroutine then agree on it. A scope that next sets further in is in
// its own context alone.
//
// The request's scope is the one that its context carries, or else that of the
// goroutine, which has it from the one that started the server.
func Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope.Run(r.Context(), func(ctx context.Context) {
			// The same request if it can be: handlers further out read its Pattern.
			if c := r.Context(); !reflect.ValueOf(c).Comparable() || ctx != c {
				r = r.WithContext(ctx)
			}
			next.ServeHTTP(w, r)
		})
	})
}
