package httpx

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// canceled returns Request.Cancel, a channel that is closed to end the request. It is
// nil for most requests.
//
//lint:ignore SA1019 http.Client sets it, when it has a Timeout and a RoundTripper that it does not know
func canceled(req *http.Request) <-chan struct{} { return req.Cancel }

// timeoutError returns the error for a failed request that has a Request.Cancel. With
// it, an http.Client reports its Timeout as it does without this package.
//
// For an unknown RoundTripper, the client makes the context's deadline and
// Request.Cancel fire at the same time, and checks afterwards whether Request.Cancel
// has fired. A transport may notice either of them first. So timeoutError waits for
// the other one too, and returns the deadline's error.
func timeoutError(req *http.Request, err error) error {
	ctx := req.Context()
	deadline, ok := ctx.Deadline()
	if canceled(req) == nil || !ok || err == io.EOF {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		waitBriefly(canceled(req)) // it may never be closed, if the deadline is not the client's
		return err
	}
	select {
	case <-canceled(req):
	default:
		return err
	}
	if time.Now().Before(deadline) {
		return err // it was cancelled for another reason
	}
	<-ctx.Done() // the deadline has passed
	return context.Cause(ctx)
}

// waitBriefly waits for a channel to be closed, for about 20 ms. It waits in short
// turns: on a busy machine each turn takes longer, and so does the goroutine that
// closes the channel.
func waitBriefly(closed <-chan struct{}) {
	const turns, turn = 20, time.Millisecond
	t := time.NewTimer(turn)
	defer t.Stop()
	for range turns {
		select {
		case <-closed:
			return
		case <-t.C:
			t.Reset(turn)
		}
	}
}

// A body passes read errors through timeoutError.
type body struct {
	io.ReadCloser
	req *http.Request
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		err = timeoutError(b.req, err)
	}
	return n, err
}
