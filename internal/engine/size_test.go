package engine_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// What this package does, the tests of package scope claim. Here are those that
// look at how much it keeps.

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// heap returns how many bytes are reachable.
func heap() int64 {
	var m runtime.MemStats
	for range 3 { // the first ones run cleanups and free what they let go
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// growth returns by how many bytes f makes the heap grow. Serial tests only.
func growth(f func()) int64 {
	before := heap()
	f()
	return heap() - before
}

func TestManyScopesUnderALongOneLeaveNothing(t *testing.T) {
	key := scope.NewKey("key", 0)
	ctx, end := scope.New(t.Context(), "process")
	defer end()
	grown := growth(func() {
		for i := range 100_000 {
			inner, end := scope.New(ctx, "request")
			inner = scope.Set(inner, key, i)
			if i%10 == 0 { // gls is slow
				scope.Run(inner, func(context.Context) {})
			}
			end()
		}
	})
	assert.Less(t, grown, int64(2<<20))
	children, _ := engine.Listed(ctx)
	assert.Less(t, children, 100_000, "the dead are taken out")
	for range 2 * children { // now that all of them are collected
		_, end := scope.New(ctx, "request")
		end()
	}
	heap()
	children, _ = engine.Listed(ctx)
	t.Log(children, "scopes listed")
}

func TestManyBindingsUnderALongScopeLeaveNothing(t *testing.T) {
	key := scope.NewKey("key", 0)
	ctx, end := scope.New(t.Context(), "process")
	defer end()
	bind := func() {
		for i := range 20_000 {
			scope.Run(scope.Set(ctx, key, i), func(context.Context) {})
		}
	}
	grown := growth(func() {
		for range 3 {
			bind()
			heap() // the dead are taken out by the bindings that come after
		}
	})
	assert.Less(t, grown, int64(2<<20))
	_, tags := engine.Listed(ctx)
	assert.Less(t, tags, 3*20_000)
}

func TestAListOfTheDeadIsShort(t *testing.T) {
	ctx, end := scope.New(t.Context(), "process")
	defer end()
	for range 20 {
		for i := range 100 {
			inner, end := scope.New(ctx, fmt.Sprint(i))
			scope.Run(inner, func(context.Context) {})
			end()
		}
		heap()
	}
	children, _ := engine.Listed(ctx)
	assert.LessOrEqual(t, children, 400, "of 2000 made, 100 at a time between collections")
}

func TestSetOfTheSameKeysDoesNotGrow(t *testing.T) {
	var keys [2 * engine.MaxAlone]*scope.Key[int]
	for i := range keys {
		keys[i] = scope.NewKey(fmt.Sprint("key ", i), -1)
	}
	for _, n := range []int{1, engine.MaxAlone, engine.MaxAlone + 1, len(keys)} {
		base := t.Context()
		ctx := base
		grown := growth(func() {
			for i := range 100_000 {
				ctx = scope.Set(ctx, keys[i%n], i)
			}
		})
		assert.Less(t, grown, int64(256<<10), "%d keys", n)
		assert.Equal(t, base, engine.Parent(ctx), "the chain has one scope in it")
		assert.LessOrEqual(t, engine.TableSize(ctx), 64, "%d keys", n)
		for i := range n {
			assert.NotEqual(t, -1, scope.Get(ctx, keys[i]))
		}
	}
}
