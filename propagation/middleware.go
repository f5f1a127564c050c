package propagation

import (
	"context"
	"net/http"

	"github.com/scopetree/scope"
)

// Middleware returns a handler that extracts the scope of each request. It binds the
// handler's goroutine to the scope, and calls next with the scope in the request's
// context. Afterwards the goroutine has its earlier scope again. A request without a
// token goes to next unchanged.
//
// failed decides about a request whose token is refused: see [OnError].
func (p *Propagator) Middleware(next http.Handler, failed OnError) http.Handler {
	if next == nil || failed == nil {
		panic("propagation: Middleware needs a handler, and what to do with a token that is refused: Refuse or Ignore")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := r.Header[canonicalHeader]; !ok {
			next.ServeHTTP(w, r)
			return
		}
		ctx, err := p.Extract(r.Context(), HeaderCarrier(r.Header))
		if err != nil {
			if failed(w, r, err) {
				next.ServeHTTP(w, r)
			}
			return
		}
		scope.Run(ctx, func(ctx context.Context) { next.ServeHTTP(w, r.WithContext(ctx)) })
	})
}

// canonicalHeader is [Header] in the form of http.Header.
var canonicalHeader = http.CanonicalHeaderKey(Header)

// An OnError is called for a request whose token is refused. If it returns true, the
// request goes on without the values of the token. Otherwise it must have answered the
// request. It is the place to count refusals. It is called by many goroutines.
type OnError func(w http.ResponseWriter, r *http.Request, err error) (goOn bool)

// Refuse is an [OnError] that answers 400 Bad Request with the reason.
func Refuse(w http.ResponseWriter, _ *http.Request, err error) bool {
	http.Error(w, err.Error(), http.StatusBadRequest)
	return false
}

// Ignore is an [OnError] that lets the request go on.
func Ignore(http.ResponseWriter, *http.Request, error) bool { return true }
