package httpx

import (
	"cmp"
	"context"
	"net/http"

	"github.com/scopetree/scope/internal/inside"
)

// note tells those who asked, such as a debug page, that r took a request. It
// leaves out what requestError does.
func (r *route) note(ctx context.Context, req *http.Request) {
	if inside.Asked.Load() != 0 {
		r.tell(ctx, req)
	}
}

func (r *route) tell(ctx context.Context, req *http.Request) {
	inside.Routed(ctx, inside.Request{
		Method: cmp.Or(req.Method, http.MethodGet),
		Scheme: req.URL.Scheme,
		Host:   req.URL.Host,
		Path:   req.URL.EscapedPath(),
		To:     r.what,
	})
}

// The last route alone says nothing that all the routes don't.
var (
	_ = inside.Hide(oneRoute)
	_ = inside.Hide(wired)
)
