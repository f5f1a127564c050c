package scope_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

func TestIdentityIsTheScopes(t *testing.T) {
	t.Parallel()
	type other struct{}
	key := scope.NewKey("test.identity", 0)
	one := scope.Set(t.Context(), key, 1)
	twin := scope.Set(t.Context(), key, 1)
	id := engine.Identity(one)
	assert.NotNil(t, id)
	assert.Equal(t, id, engine.Identity(one), "asked again")
	assert.Equal(t, id, engine.Identity(context.WithValue(one, other{}, 1)), "further in")
	assert.False(t, id == engine.Identity(twin), "another with the same value")
	assert.Nil(t, engine.Identity(t.Context()), "no scope")
	assert.Nil(t, engine.Identity(scope.Detach(one)), "the empty scope")
	scope.Run(one, func(ctx context.Context) {
		assert.Equal(t, id, engine.Identity(ctx), "the function's context")
		assert.Equal(t, id, engine.Identity(t.Context()), "the goroutine")
		assert.Equal(t, id, engine.Identity(scope.Capture(t.Context())), "captured")
	})
}

func TestCarryTakesTheScopeAndNothingElse(t *testing.T) {
	t.Parallel()
	type other struct{}
	key := scope.NewKey("test.carry", "none")
	from := context.WithValue(scope.Set(t.Context(), key, "from"), other{}, "from")
	to := context.WithValue(scope.Set(t.Context(), key, "to"), other{}, "to")

	got := engine.Carry(to, from)
	assert.Equal(t, "from", scope.Get(got, key))
	assert.Equal(t, "to", got.Value(other{}))
	assert.Equal(t, engine.Identity(from), engine.Identity(got))
	assert.Equal(t, "none", scope.Get(engine.Carry(to, t.Context()), key), "from without a scope")

	ctx, end := scope.New(from, "job")
	got = engine.Carry(context.Background(), ctx)
	end()
	assert.ErrorIs(t, scope.Err(got), scope.ErrEnded)
}

func TestCarryKeepsNoContextAlive(t *testing.T) {
	t.Parallel()
	type other struct{}
	value, done := watched()
	from := context.WithValue(t.Context(), other{}, value)
	got := engine.Carry(context.Background(), scope.Set(from, scope.NewKey("test.carry", 0), 1))
	value, from = nil, nil
	assert.True(t, collects(done))
	assert.NotNil(t, engine.Identity(got))
}
