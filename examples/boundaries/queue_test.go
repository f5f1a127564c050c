package boundaries

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"
)

func TestAJobReadsTheScopeOfTheWorker(t *testing.T) {
	t.Parallel()
	got := make(chan string)

	scopetest.With(t, Customer.Bind("ada"))
	queue.SubmitWrong(func() { got <- Customer.Get() })
	assert.Equal(t, "nobody", <-got) // the worker descends from main, not from this test
}

func TestAJobWrappedAtSubmissionReadsItsSubmitters(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			me, got := t.Name(), make(chan string)

			ctx := scopetest.With(t, Customer.Bind(me))
			queue.Submit(ctx, func() { got <- Customer.Get() })
			assert.Equal(t, me, <-got)
		})
	}
}

func TestWrapTakesTheGoroutinesScopeWhereNoContextHasOne(t *testing.T) {
	t.Parallel()
	ada, _, _ := adaAndGrace(t)
	got := make(chan string)
	scope.Run(ada, func(context.Context) {
		queue.Submit(context.Background(), func() { got <- Customer.Get() })
	})
	assert.Equal(t, "ada", <-got)
}

func TestAJobThatIsDataBringsItsContext(t *testing.T) {
	t.Parallel()
	ada, grace, _ := adaAndGrace(t)
	got := make(chan string)
	invoices := make(chan Invoice)
	defer close(invoices)
	go SendInvoices(invoices, func(ctx context.Context, number int) {
		got <- fmt.Sprintf("invoice %d to %s", number, scope.Get(ctx, Customer))
	})

	for customer, ctx := range map[string]context.Context{"ada": ada, "grace": grace} {
		scope.Run(ctx, func(context.Context) {
			ctx := t.Context() // a context that carries no scope

			invoices <- Invoice{Ctx: scope.Capture(ctx), Number: 42}

			assert.Equal(t, "invoice 42 to "+customer, <-got)
		})
	}
}

func TestAJobThatRunsAfterItsTestReadsDefaults(t *testing.T) {
	t.Parallel()
	ada, _, endOfAda := adaAndGrace(t)
	got := make(chan string)

	late := scope.Wrap(ada, func() { got <- scope.Explain(context.Background(), Customer) })
	endOfAda()
	queue.SubmitWrong(late)
	assert.Equal(t, `customer = "nobody", the default; `+
		`asked scope "TestAda", from the goroutine; scope "TestAda" has ended`, <-got)
}
