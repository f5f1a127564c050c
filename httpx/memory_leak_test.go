package httpx_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// This test sends ten thousand requests, complete ones and ones that break off, with a
// scope that ends and without. goleak in TestMain finds goroutines that any of them
// leaves behind.
func TestRequestsInMemoryLeaveNothing(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		switch r.URL.Path {
		case "/aborted":
			panic(http.ErrAbortHandler)
		case "/cancelled":
			<-r.Context().Done()
		case "/half":
			io.WriteString(w, "half")
			flush(w)
			panic(http.ErrAbortHandler)
		default:
			io.WriteString(w, strings.Repeat("whole", 1000))
		}
	})
	for _, opts := range [][]httpx.RouteOption{nil, {httpx.HTTP2}} {
		client := &http.Client{Transport: httpx.HandlerTransport(handler, opts...)}
		for i := range 1000 {
			ctx, end := scope.Detach(t.Context()), func() {}
			if i%2 == 0 {
				ctx, end = scope.New(ctx, "job")
			}
			for path, fails := range map[string]bool{"/": false, "/unread": false, "/half": false, "/aborted": true, "/cancelled": true} {
				ctx, cancel := context.WithCancel(ctx)
				if path == "/cancelled" {
					time.AfterFunc(time.Microsecond, cancel)
				}
				resp, err := client.Do(request(t, ctx, http.MethodPost, "https://api.test"+path, strings.NewReader("body")))
				assert.Equal(t, fails, err != nil, "%s: %v", path, err)
				if err == nil {
					if path != "/unread" {
						io.Copy(io.Discard, resp.Body)
					}
					resp.Body.Close()
				}
				cancel()
			}
			end()
		}
	}
}
