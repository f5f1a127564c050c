package attach

import (
	"context"
	"testing"

	"github.com/scopetree/scope"
)

func dropped(ctx context.Context) {
	scope.Attach(ctx) // want `detach is discarded: defer scope.Attach\(ctx\)\(\)`
	work()
}

func deferredAttach(ctx context.Context) {
	defer scope.Attach(ctx) // want `deferred is scope.Attach and not detach`
	work()
}

func atOnce(ctx context.Context) {
	scope.Attach(ctx)() // want `detach is called at once, so nothing runs in the scope`
	work()
}

func inParentheses(ctx context.Context) {
	(scope.Attach(ctx)) // want `detach is discarded`
	work()
}

func inABranch(ctx context.Context) {
	if ctx != nil {
		defer scope.Attach(ctx) // want `deferred is scope.Attach`
		work()
	}
}

func bindsItsCaller(ctx context.Context) {
	scope.Attach(ctx) // want `detach is discarded`
}

func bindsItsCallerToo(ctx context.Context) error {
	scope.Attach(ctx) // want `detach is discarded`
	return nil
}

func inALoop(ctxs []context.Context) {
	for _, ctx := range ctxs {
		scope.Attach(ctx) // want `detach is discarded`
		work()
	}
}

func blank(ctx context.Context) {
	_ = scope.Attach(ctx) // want `detach is discarded`
	work()
}

func inAGoroutine(ctx context.Context) {
	go scope.Attach(ctx) // want `scope.Attach binds a goroutine that ends at once: use scope.Go`
}

func notDeferred(ctx context.Context) {
	detach := scope.Attach(ctx) // want `detach is not deferred: a panic or t.FailNow leaves the goroutine bound: defer it, or use scope.Run`
	work()
	detach()
}

func worker(jobs <-chan context.Context) {
	for ctx := range jobs {
		detach := scope.Attach(ctx) // want `detach is not deferred`
		work()
		detach()
	}
}

func onAnotherGoroutine(ctx context.Context) {
	var detach = scope.Attach(ctx) // want `detach is not deferred`
	go detach()
	go func() {
		detach()
	}()
}

func deferredThere(ctx context.Context) {
	detach := scope.Attach(ctx) // want `detach is not deferred`
	go func() {
		defer detach()
	}()
}

func fine(ctx context.Context) {
	defer scope.Attach(ctx)()
	defer (scope.Attach(ctx))()

	detach := scope.Attach(ctx)
	defer detach()

	inFunc := (scope.Attach(ctx))
	defer func() {
		work()
		inFunc()
	}()

	var later func()
	later = scope.Attach(ctx)
	defer later()

	early := scope.Attach(ctx)
	defer early()
	work()
	early() // called twice is another matter
}

func goesToTheCaller(ctx context.Context) func() { return scope.Attach(ctx) }

func goesToTheCallerToo(ctx context.Context) func() {
	detach := scope.Attach(ctx)
	return detach
}

func goesToTheCallerByName(ctx context.Context) (detach func()) {
	detach = scope.Attach(ctx)
	return
}

type binding struct{ detach func() }

func stored(ctx context.Context, b *binding, t *testing.T) {
	b.detach = scope.Attach(ctx)
	t.Cleanup(scope.Attach(ctx))
	detach := scope.Attach(ctx)
	t.Cleanup(detach)
	captured := scope.Attach(ctx)
	t.Cleanup(func() { captured() })
}

var detachGlobal func()

func assigned(ctx context.Context) { detachGlobal = scope.Attach(ctx) }

func work() {}
