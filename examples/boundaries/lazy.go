package boundaries

import (
	"context"
	"sync"

	"github.com/scopetree/scope"
)

// A LazyQueue is a [Queue] whose worker the first job starts. It is made by
// NewLazyQueue.
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

// Submit starts a worker that belongs to no scope, and runs job in the
// submitter's.
func (q *LazyQueue) Submit(ctx context.Context, job func()) {
	q.once.Do(func() {
		scope.Go(scope.Detach(ctx), func(context.Context) { q.work() })
	})
	q.jobs <- scope.Wrap(ctx, job)
}
