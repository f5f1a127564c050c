package httpxtest_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// The stacks of 10,000 goroutines are some MiB, and the reply's may be the last.
func TestHangingReplyIsFoundAmongManyGoroutines(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	defer close(done)
	for range 10_000 {
		go func() { <-done }()
	}
	f := rehearse(func(t testing.TB) {
		received, answered := make(chan struct{}), make(chan struct{})
		t.Cleanup(func() { <-answered })
		s := httpxtest.Mock(t, "api.test", httpxtest.Patience(time.Millisecond))
		s.Expect("GET /").ReplyFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(received)
			<-r.Context().Done()
		})
		ctx := context.WithoutCancel(scopetest.Context(t))
		go func() {
			defer close(answered)
			_, _ = try(ctx, "GET", "http://api.test/", "")
		}()
		<-received
	})
	assert.Contains(t, f.text(), "hanging_test.go:")
}
