package boundaries

import (
	"context"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
)

func TestProfilerLabelsOfAContextWithoutAScopeTakeTheBindingAway(t *testing.T) {
	t.Parallel()
	ada, _, _ := adaAndGrace(t)
	lost := "nobody"
	if scope.Carrier() != "labels" {
		lost = "ada"
	}
	labels := pprof.Labels("job", "1")
	report := func() { pprof.Do(context.Background(), labels, func(context.Context) {}) }

	scope.Run(ada, func(context.Context) {
		pprof.Do(context.Background(), labels, func(context.Context) {
			assert.Equal(t, lost, Customer.Get())
		})
		assert.Equal(t, lost, Customer.Get()) // and it does not come back
	})

	scope.Run(ada, func(ctx context.Context) {
		pprof.Do(ctx, labels, func(context.Context) {
			assert.Equal(t, "ada", Customer.Get())
		})
		assert.Equal(t, "ada", Customer.Get())
	})

	scope.Run(ada, func(ctx context.Context) {
		scope.Run(ctx, func(context.Context) { report() })
		assert.Equal(t, "ada", Customer.Get()) // Run brings back what was there before
	})
}
