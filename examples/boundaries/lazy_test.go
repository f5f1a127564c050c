package boundaries

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

func TestALazyWorkerReadsAnyonesJobFromTheFirstScope(t *testing.T) {
	t.Parallel()
	ada, grace, endOfAda := adaAndGrace(t)
	q, got := NewLazyQueue(), make(chan string)
	defer q.Close()
	work := func() { got <- Customer.Get() }
	if scope.Carrier() != "labels" {
		scope.Run(ada, func(context.Context) { q.SubmitWrong(work) })
		assert.Equal(t, "nobody", <-got, "a plain go statement passes nothing on")
		return
	}

	scope.Run(ada, func(context.Context) { q.SubmitWrong(work) })
	assert.Equal(t, "ada", <-got)
	scope.Run(grace, func(context.Context) { q.SubmitWrong(work) })
	assert.Equal(t, "ada", <-got) // and not grace: the worker is Ada's for good

	endOfAda()
	scope.Run(grace, func(context.Context) { q.SubmitWrong(work) })
	assert.Equal(t, "nobody", <-got) // Ada's test is over

	scope.Run(grace, func(context.Context) {
		q.SubmitWrong(func() {
			_, err := httpx.Client().Get("https://api.example.com")
			got <- err.Error()
		})
	})
	assert.Contains(t, <-got, `scope "TestAda" has ended`)
}

func TestADetachedWorkerReadsEachJobsScope(t *testing.T) {
	t.Parallel()
	ada, grace, endOfAda := adaAndGrace(t)
	q, got := NewLazyQueue(), make(chan string)
	defer q.Close()
	work := func() { got <- Customer.Get() }

	q.Submit(ada, func() {})
	q.SubmitWrong(work)
	assert.Equal(t, "nobody", <-got, "the worker that Ada's job has started is in no scope")

	q.Submit(ada, work)
	assert.Equal(t, "ada", <-got)
	endOfAda()
	q.Submit(grace, work)
	assert.Equal(t, "grace", <-got)
}
