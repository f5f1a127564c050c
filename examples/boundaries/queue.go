package boundaries

import (
	"context"

	"github.com/scopetree/scope"
)

// A Queue runs jobs one after the other, on a worker that NewQueue starts.
type Queue struct{ jobs chan func() }

// NewQueue returns a queue. Close stops its worker.
func NewQueue() *Queue {
	q := &Queue{jobs: make(chan func())}
	go q.work()
	return q
}

func (q *Queue) work() {
	for job := range q.jobs {
		job()
	}
}

// SubmitWrong runs job in the worker's scope, the scope of the code that made
// the queue.
func (q *Queue) SubmitWrong(job func()) { q.jobs <- job }

// Submit runs job in the submitter's scope: the scope of ctx, or else of the
// goroutine.
func (q *Queue) Submit(ctx context.Context, job func()) { q.jobs <- scope.Wrap(ctx, job) }

// Close stops the worker when it has done the jobs that were submitted.
func (q *Queue) Close() { close(q.jobs) }

// An Invoice is a job that is plain data, with the context of its submitter.
type Invoice struct {
	Ctx    context.Context
	Number int
}

// SendInvoices is the worker of a queue of invoices.
func SendInvoices(queue <-chan Invoice, send func(ctx context.Context, number int)) {
	for job := range queue {
		scope.Run(job.Ctx, func(ctx context.Context) { send(ctx, job.Number) })
	}
}
