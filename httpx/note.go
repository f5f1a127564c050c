package httpx

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path"
	"runtime"
	"strings"

	"github.com/scopetree/scope/internal/engine"
)

// note tells those who asked, such as a debug page, that r took a request. It
// leaves out what requestError does.
func (r *route) note(ctx context.Context, req *http.Request) {
	if engine.Asked() {
		r.tell(ctx, req)
	}
}

// noteFailure tells them that a request was not sent. It leaves out what
// requestError does.
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

// sentAt returns file:line of the innermost frame of a test, or else of the
// innermost that is neither package http's nor this one's.
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

func (r *route) tell(ctx context.Context, req *http.Request) {
	engine.Routed(ctx, engine.Request{
		Method: cmp.Or(req.Method, http.MethodGet),
		Scheme: req.URL.Scheme,
		Host:   req.URL.Host,
		Path:   req.URL.EscapedPath(),
		To:     r.what,
	})
}
