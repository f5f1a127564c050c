package boundaries

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
)

func TestWhatIsMadeOnceIsTheFirstScopes(t *testing.T) {
	t.Parallel()
	ada, grace, _ := adaAndGrace(t)

	client := sync.OnceValue(NewClientWrong)
	greet := func() string { return client().Greet() }
	assert.Equal(t, "hello, ada", as(ada, greet))
	assert.Equal(t, "hello, ada", as(grace, greet)) // made in Ada's scope, kept for all
}

func TestWhatReadsTheScopeAtEachUseCanBeShared(t *testing.T) {
	t.Parallel()
	ada, grace, _ := adaAndGrace(t)

	var shared Client
	assert.Equal(t, "hello, ada", shared.Greet(ada))
	assert.Equal(t, "hello, grace", shared.Greet(grace))
}

func TestACacheForEachScopeKeepsItsOwn(t *testing.T) {
	t.Parallel()
	ada, grace, _ := adaAndGrace(t)
	cached := func(ctx context.Context) any {
		v, _ := Caches.Get(ctx).LoadOrStore("greeting", Client{}.Greet(ctx))
		return v
	}

	assert.Equal(t, "hello, ada", cached(ada))
	assert.Equal(t, "hello, grace", cached(grace))
}

func TestAResourceIsOpenedInTheScopeThatAsks(t *testing.T) {
	t.Parallel()
	ada, grace, _ := adaAndGrace(t)
	clients := scope.NewResource(NewClientWrong, nil)

	assert.Equal(t, "hello, ada", clients.Get(ada).Greet()) // this goroutine is bound to no scope

	scope.Run(ada, func(context.Context) {
		assert.Equal(t, "hello, grace", clients.Get(grace).Greet())
	})
}

func TestAPooledObjectIsItsMakers(t *testing.T) {
	t.Parallel()
	ada, grace, _ := adaAndGrace(t)
	pool := sync.Pool{New: func() any { return NewClientWrong() }}
	borrow := func() *ClientWrong { return pool.Get().(*ClientWrong) }

	client := as(ada, borrow)
	for pool.Put(client); as(grace, borrow) != client; { // the pool may have dropped it, or keep it on another CPU
		pool.Put(client)
	}
	assert.Equal(t, "hello, ada", client.Greet()) // and Grace has it now

	client.customer = scope.Get(grace, Customer) // set by the borrower, whatever New did
	assert.Equal(t, "hello, grace", client.Greet())
}
