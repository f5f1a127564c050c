package httpx

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path"
	"runtime"
	"strings"

	"github.com/scopetree/scope/httpx/internal/routing"
	"github.com/scopetree/scope/internal/engine"
)

// note reports that r took a request, if an observer such as a debug page is
// registered. Like routing.Error, it leaves out the URL's query and user.
func note(ctx context.Context, r *routing.Route, req *http.Request) {
	if engine.Asked() {
		tell(ctx, r, req)
	}
}

// noteFailure reports that a request was not sent, as note does.
func noteFailure(ctx context.Context, req *http.Request, err error) {
	if !engine.Asked() || req.URL == nil {
		return
	}
	engine.Failed(ctx, engine.Failure{
		Request: engine.Request{
			Method: cmp.Or(req.Method, http.MethodGet),
			Scheme: req.URL.Scheme,
			Host:   req.URL.Host,
			Path:   req.URL.EscapedPath(),
		},
		Why:  err.Error(),
		From: sentAt(),
	})
}

// sentAt returns file:line of the innermost frame in a test file. If there is none, it
// returns that of the innermost frame outside of package http and this package.
func sentAt() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var outside string
	for {
		f, more := frames.Next()
		line := fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
		switch {
		case strings.HasSuffix(f.File, "_test.go"):
			return line
		case outside != "", strings.HasPrefix(f.Function, "net/http."), strings.HasPrefix(f.Function, "github.com/scopetree/scope/httpx."):
		default:
			outside = line
		}
		if !more {
			return outside
		}
	}
}

func tell(ctx context.Context, r *routing.Route, req *http.Request) {
	engine.Routed(ctx, engine.Request{
		Method: cmp.Or(req.Method, http.MethodGet),
		Scheme: req.URL.Scheme,
		Host:   req.URL.Host,
		Path:   req.URL.EscapedPath(),
		To:     r.What,
	})
}
