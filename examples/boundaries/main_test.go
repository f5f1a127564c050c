package boundaries

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope"
)

// queue is made before any test, so its worker descends from none.
var queue *Queue

func TestMain(m *testing.M) {
	queue = NewQueue()
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// adaAndGrace returns the contexts of two tests, so that one test can play
// both. Each context has a scope that binds Customer, like the one from
// scopetest.With. endOfAda ends Ada's scope.
func adaAndGrace(t *testing.T) (ada, grace context.Context, endOfAda func()) {
	ada, endOfAda = scope.New(t.Context(), "TestAda")
	grace, endOfGrace := scope.New(t.Context(), "TestGrace")
	t.Cleanup(endOfAda)
	t.Cleanup(endOfGrace)
	return scope.Set(ada, Customer, "ada"), scope.Set(grace, Customer, "grace"), endOfAda
}

// as runs f as code of the test that ctx belongs to, on a goroutine bound to
// its scope, and returns what f does.
func as[T any](ctx context.Context, f func() T) (v T) {
	scope.Run(ctx, func(context.Context) { v = f() })
	return v
}
