package httpx_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
)

// stalls sends nothing, or at /body only the beginning of one, until the client gives up.
func stalls(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/body" {
		io.WriteString(w, "begun, ")
		flush(w)
	}
	<-r.Context().Done()
}

// Many at once, because which of two timers is noticed first is chance. The
// words are net/http's. In a bubble its own transport alone leaves them out: it
// asks whether it is after the deadline, and there it is at the deadline.
func TestClientTimeoutSaysWhatItSaysWithoutUs(t *testing.T) {
	t.Parallel()
	eachWay(t, stalls, func(t *testing.T, client *http.Client, ctx context.Context) {
		if _, ok := client.Transport.(*http.Transport); ok {
			return
		}
		for path, want := range map[string]string{
			"/":     `Get "http://api.test/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
			"/body": "begun, context deadline exceeded (Client.Timeout or context cancellation while reading body)",
		} {
			client.Timeout = time.Minute
			start := time.Now()
			answers := make(chan string)
			for range 50 {
				go func() { answers <- get(ctx, client, "http://api.test"+path) }()
			}
			for range 50 {
				assert.Equal(t, want, <-answers)
			}
			assert.Equal(t, time.Minute, time.Since(start).Round(time.Second))
		}
	})
}

func TestClientTimeoutSaysTheSameByARealClock(t *testing.T) {
	t.Parallel()
	s := serve(t, stalls)
	answers := make(chan string)
	for range 20 {
		for _, rt := range []http.RoundTripper{plainTo(t, s), httpx.Wrap(plainTo(t, s))} {
			client := &http.Client{Transport: rt, Timeout: 20 * time.Millisecond}
			go func() { answers <- get(context.Background(), client, "http://api.test/") }()
		}
	}
	for range 40 {
		assert.Equal(t, `Get "http://api.test/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`, <-answers)
	}
}

func TestContextsDeadlineIsNotTakenForTheClientsTimeout(t *testing.T) {
	t.Parallel()
	eachWay(t, stalls, func(t *testing.T, client *http.Client, ctx context.Context) {
		client.Timeout = time.Hour
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		_, err := client.Do(request(t, ctx, http.MethodGet, "http://api.test/", nil))
		assert.EqualError(t, err, `Get "http://api.test/": context deadline exceeded`)
	})
}

func TestCancelEndsARequest(t *testing.T) {
	t.Parallel()
	eachWay(t, stalls, func(t *testing.T, client *http.Client, ctx context.Context) {
		client.Timeout = time.Hour
		cause := io.ErrNoProgress
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		req := request(t, ctx, http.MethodGet, "http://api.test/body", nil)
		resp, err := client.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		begun := make([]byte, len("begun, "))
		_, err = io.ReadFull(resp.Body, begun)
		require.NoError(t, err)
		cancel(cause)
		_, err = resp.Body.Read(begun)
		assert.ErrorIs(t, err, cause, "while the body is read")

		_, err = client.Do(req)
		assert.ErrorIs(t, err, cause, "before the request is sent")
	})
}

func TestCancelEndsTheWaitForHeaders(t *testing.T) {
	t.Parallel()
	eachWay(t, stalls, func(t *testing.T, client *http.Client, ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			synctest.Wait() // the handler waits, and so does the client
			cancel()
		}()
		assert.Equal(t, `Get "http://api.test/": context canceled`, get(ctx, client, "http://api.test/"))
	})
}

func TestRequestsCancelChannelEndsTheWaitForHeaders(t *testing.T) {
	t.Parallel()
	eachWay(t, stalls, func(t *testing.T, client *http.Client, ctx context.Context) {
		req := request(t, ctx, http.MethodGet, "http://api.test/", nil)
		cancel := make(chan struct{})
		//lint:ignore SA1019 it is what http.Client sets for its Timeout
		req.Cancel = cancel
		go func() {
			synctest.Wait()
			close(cancel)
		}()
		assert.Equal(t, `Get "http://api.test/": net/http: request canceled`, text(client.Do(req)))
	})
}
