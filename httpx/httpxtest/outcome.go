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

// failWith sets the outcome of the client's request to err, and breaks its connection.
func failWith(w http.ResponseWriter, r *http.Request, err error) {
	if o, ok := r.Context().Value(outcomeKey{}).(*outcome); ok {
		o.err.Store(&err)
	}
	// Begin an answer. Otherwise a client may send the request again when a connection
	// breaks that was used before.
	w.WriteHeader(http.StatusProcessing)
	panic(http.ErrAbortHandler)
}

// An outcome is what a reply tells the client's side of a request, which is in this
// process too.
type outcome struct{ err atomic.Pointer[error] }

type outcomeKey struct{}

// outcomes holds the outcomes of requests under way, by their numbers.
var outcomes struct {
	sync.Map // string → *outcome
	count    atomic.Int64
}

// newOutcome returns a new outcome, and the number by which the server finds it.
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
