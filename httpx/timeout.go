package httpx

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// canceled returns what is closed when a request is to end, nil for most.
//
//lint:ignore SA1019 http.Client sets it, when it has a Timeout and a RoundTripper that it does not know
func canceled(req *http.Request) <-chan struct{} { return req.Cancel }

// timeoutError returns the error that a request with a Request.Cancel has failed with,
// so that an http.Client says of its Timeout what it says without us.
//
// For a RoundTripper that it does not know, the client sets the context's
// deadline and Request.Cancel to one time, and asks afterwards whether the
// latter had fired. Which of the two a transport notices first is chance. So
// timeoutError waits for the other, and the error is the deadline's.
func timeoutError(req *http.Request, err error) error {
	ctx := req.Context()
	deadline, ok := ctx.Deadline()
	if canceled(req) == nil || !ok || err == io.EOF {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		waitBriefly(canceled(req)) // or not at all, where the deadline is another's
		return err
	}
	select {
	case <-canceled(req):
	default:
		return err
	}
	if time.Now().Before(deadline) {
		return err // it was cancelled for something else
	}
	<-ctx.Done() // its time has come
	return context.Cause(ctx)
}

// waitBriefly waits for a channel to be closed, for 20 ms or so. It does so in short
// turns, because on a busy machine each of them takes longer, as does whatever
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

// A body does for reading what timeoutError does.
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
