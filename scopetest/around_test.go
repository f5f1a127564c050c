package scopetest_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"
)

// A subtest may be named as if it were inside another: "a/b" beside "a".
func TestASiblingIsNoParent(t *testing.T) {
	t.Parallel()
	if !labels() {
		t.Skip("the goroutine is not bound")
	}
	key := scope.NewKey("sibling", "nobody")
	for outer, inner := range map[string]string{"a": "a/b", "x/": "x//", "c": "c/b/c"} {
		var set, read sync.WaitGroup
		set.Add(1)
		read.Add(1)
		var ended sync.WaitGroup
		// Not parallel in the testing package's sense, which may let one of them in.
		ended.Go(func() {
			t.Run(outer, func(t *testing.T) {
				scopetest.Set(t, key, "outer's")
				set.Done()
				defer read.Wait()
				t.Run("sub/test", func(t *testing.T) {
					scopetest.Context(t)
					assert.Equal(t, "outer's", key.Get(), "this one is inside")
				})
			})
		})
		set.Wait()
		t.Run(inner, func(t *testing.T) {
			scopetest.Context(t)
			assert.Equal(t, "nobody", key.Get())
			t.Run("sub", func(t *testing.T) {
				scopetest.Context(t)
				assert.Equal(t, "nobody", key.Get())
			})
		})
		read.Done()
		ended.Wait()
	}
}

func TestPackageTestingKnowsItsParents(t *testing.T) {
	t.Parallel()
	outer := t
	t.Run("sub", func(t *testing.T) {
		sub := t
		assert.True(t, scopetest.Inside(t, outer))
		assert.False(t, scopetest.Inside(outer, t))
		t.Run("sub", func(t *testing.T) {
			assert.True(t, scopetest.Inside(t, outer))
			assert.True(t, scopetest.Inside(t, sub))
		})
		t.Run("sibling", func(t *testing.T) {
			t.Run("a", func(a *testing.T) {
				t.Run("b", func(b *testing.T) { assert.False(t, scopetest.Inside(b, a)) })
			})
		})
	})
	assert.True(t, scopetest.Inside(new(fake), new(fake)), "of others the name counts")
}
