package env_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

func TestAViewReadsItsScope(t *testing.T) {
	t.Parallel()
	ctx := scope.With(t.Context(), env.Bind(absent, "mine"), env.Hide(other))
	view := env.In(ctx)
	scope.Run(env.Set(t.Context(), absent, "goroutine's"), func(context.Context) {
		assert.Equal(t, "mine", view.Getenv(absent))
		v, ok := view.Lookup(other)
		assert.Equal(t, "", v)
		assert.False(t, ok)
		assert.Equal(t, env.Environ(ctx), view.Environ())
		assert.Equal(t, "<mine>, <>, <process's>", os.Expand("<$"+absent+">, <${"+other+"}>, <$"+inherited+">", view.Getenv))
		assert.Equal(t, "goroutine's", env.In(context.Background()).Getenv(absent), "without one, the goroutine's")
	})
}
