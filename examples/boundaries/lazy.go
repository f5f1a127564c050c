package boundaries

import (
	"context"
	"sync"

	"github.com/scopetree/scope"
)

// A LazyQueue is a [Queue] that starts its worker with the first job. Use
// NewLazyQueue to make one.
type LazyQueue struct {
	Queue
	once sync.Once
}

// NewLazyQueue returns a queue that has no worker yet.
func NewLazyQueue() *LazyQueue { return &LazyQueue{Queue: Queue{jobs: make(chan func())}} }

// SubmitWrong leaves the worker bound to the scope of the first submitter.
func (q *LazyQueue) SubmitWrong(job func()) {
	q.once.Do(func() { go q.work() })
	q.jobs <- job
}

// Submit starts a worker that belongs to no scope. It runs job in the
// submitter's scope.
func (q *LazyQueue) Submit(ctx context.Context, job func()) {
	q.once.Do(func() {
		scope.Go(scope.Detach(ctx), func(context.Context) { q.work() })
	})
	q.jobs <- scope.Wrap(ctx, job)
}
