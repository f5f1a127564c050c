package scope_test

import (
	"context"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
)

// The documentation says so: a label named "scope" that pprof.Do sets takes the
// binding away, during and after. The context keeps its scope.
func TestUserLabelNamedScopeTakesTheBindingAway(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("key", "default")
	scope.Run(scope.Set(t.Context(), key, "bound"), func(ctx context.Context) {
		want := "bound"
		if scope.Carrier() == "labels" {
			want = "default"
		}
		pprof.Do(ctx, pprof.Labels("scope", "mine"), func(ctx context.Context) {
			assert.Equal(t, want, key.Get())
			assert.Equal(t, "bound", scope.Get(ctx, key))
		})
		assert.Equal(t, want, key.Get())
	})
}
