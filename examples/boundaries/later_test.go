package boundaries

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
)

func TestATimerRunsInNoScope(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // an hour takes no time here
		ada, _, _ := adaAndGrace(t)
		got := make(chan string)
		work := func() { got <- Customer.Get() }

		scope.Run(ada, func(ctx context.Context) {
			time.AfterFunc(time.Hour, work)
			assert.Equal(t, "nobody", <-got) // the runtime starts it, on a goroutine that descends from none

			time.AfterFunc(time.Hour, scope.Wrap(ctx, work))
			assert.Equal(t, "ada", <-got)
		})
	})
}

func TestAnAfterFuncRunsInTheScopeOfWhoCancels(t *testing.T) {
	t.Parallel()
	ada, grace, _ := adaAndGrace(t)
	want := "nobody"
	if scope.Carrier() == "labels" {
		want = "grace"
	}
	got := make(chan string)
	work := func() { got <- Customer.Get() }
	shared, cancel := context.WithCancel(t.Context())

	scope.Run(ada, func(context.Context) { context.AfterFunc(shared, work) })
	scope.Run(grace, func(context.Context) { cancel() })
	assert.Equal(t, want, <-got)

	context.AfterFunc(shared, scope.Wrap(ada, work))
	assert.Equal(t, "ada", <-got)
}

func TestACleanupRunsInNoScope(t *testing.T) {
	t.Parallel()
	ada, _, _ := adaAndGrace(t)
	scope.Run(ada, func(context.Context) {
		got := make(chan string, 1)

		runtime.AddCleanup(new([64]byte), func(int) { got <- Customer.Get() }, 0)
		assert.Equal(t, "nobody", collected(got)) // the runtime calls it

		runtime.AddCleanup(new([64]byte), func(customer string) { got <- customer }, Customer.Get())
		assert.Equal(t, "ada", collected(got))
	})
}

// collected runs the garbage collector until something arrives in got.
func collected(got <-chan string) string {
	for {
		runtime.GC()
		select {
		case v := <-got:
			return v
		default:
			runtime.Gosched()
		}
	}
}
