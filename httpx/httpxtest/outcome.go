package httpxtest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
)

// Error returns a reply that makes the client's RoundTrip return err itself, so that
// errors.Is and errors.As see it. That holds for
// requests that come by the route of [Mock], or through [Server.Client] or
// [Server.Transport]. Another client's connection breaks. A nil err panics.
func Error(err error) http.Handler {
	if err == nil {
		panic("httpxtest: Error of a nil error")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { failWith(w, r, err) })
}

// failWith makes err the outcome of the client's request, and breaks its connection.
func failWith(w http.ResponseWriter, r *http.Request, err error) {
	if o, ok := r.Context().Value(outcomeKey{}).(*outcome); ok {
		o.err.Store(&err)
	}
	// Without a part of an answer, a client may send a request again on a new
	// connection when one breaks that was used before.
	w.WriteHeader(http.StatusProcessing)
	panic(http.ErrAbortHandler)
}

// An outcome is what a reply has to tell the client's side of a request, which is in
// this process too.
type outcome struct{ err atomic.Pointer[error] }

type outcomeKey struct{}

// outcomes are those of requests under way, by their numbers.
var outcomes struct {
	sync.Map // string → *outcome
	count    atomic.Int64
}

// newOutcome returns one with a number, by which the server finds it.
func newOutcome() (o *outcome, number string, done func()) {
	o, number = new(outcome), fmt.Sprint(outcomes.count.Add(1))
	outcomes.Store(number, o)
	return o, number, func() { outcomes.Delete(number) }
}

// withOutcome returns ctx with the outcome that has this number.
func withOutcome(ctx context.Context, number string) context.Context {
	if o, ok := outcomes.Load(number); ok {
		return context.WithValue(ctx, outcomeKey{}, o)
	}
	return ctx
}
