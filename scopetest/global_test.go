package scopetest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"
)

// Serial, as SetGlobal wants it.
func TestSetGlobalChangesTheDefaultUntilTheTestEnds(t *testing.T) {
	key := scope.NewKey("global", "default")
	read, got := make(chan struct{}), make(chan string)
	go func() { // from before the test, and in no scope
		for range read {
			got <- key.Get()
		}
	}()
	t.Run("serial", func(t *testing.T) {
		scopetest.SetGlobal(t, key, "first")
		scopetest.SetGlobal(t, key, "global")
		read <- struct{}{}
		assert.Equal(t, "global", <-got)
		inTest(t, "mine", func() { assert.Equal(t, "mine", url.Get()) })
		assert.Panics(t, t.Parallel, "it can't become parallel")
	})
	read <- struct{}{}
	assert.Equal(t, "default", <-got)
	close(read)
}

func TestSetGlobalFailsInAParallelTest(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("global", "default")
	check := func(t *testing.T) {
		f := run(t, func(f *fake) {
			scopetest.SetGlobal(f, key, "global")
			assert.Fail(t, "it returned")
		})
		assert.Contains(t, f.failure, `scopetest: SetGlobal("global") in a parallel test`)
		assert.Contains(t, f.failure, "use scopetest.Set")
		assert.Equal(t, "default", key.Get())
	}
	check(t)
	t.Run("a subtest of one", check)
}
