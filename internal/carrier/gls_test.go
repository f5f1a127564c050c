//go:build !js

package carrier_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/internal/carrier"
)

func TestGLSIsNotInheritedByAPlainGo(t *testing.T) {
	t.Parallel()
	c := carrier.NewPortable()
	run(c, tag("a"), func() {
		assert.Nil(t, inGoroutine(c, func(f func()) { go f() }))
	})
}

func TestGLSCannotAttach(t *testing.T) {
	t.Parallel()
	c := carrier.NewPortable()
	detach, ok := c.Attach(tag("a"))
	assert.False(t, ok)
	assert.Nil(t, detach)
	assert.Nil(t, c.Current())
}

func TestGLSHasNoProfilerLabels(t *testing.T) {
	t.Parallel()
	c := carrier.NewPortable()
	run(c, tag("a"), func() {
		set, ok := c.Labels(t.Context(), "any key")
		assert.False(t, ok)
		assert.Nil(t, set)
	})
}

func TestGLSOutlivesAChangeOfLabels(t *testing.T) {
	t.Parallel()
	c := carrier.NewPortable()
	a := tag("a")
	run(c, a, func() {
		pprof.Do(context.Background(), pprof.Labels("user", "1"), func(context.Context) {
			assert.Same(t, a, c.Current())
		})
		assert.Same(t, a, c.Current())
	})
}

// With no binding in force anywhere, Current looks at no stack.
func TestGLSCountsItsBindings(t *testing.T) {
	t.Parallel()
	c := carrier.NewPortable()
	assert.Zero(t, carrier.Live(c))
	run(c, tag("a"), func() {
		run(c, tag("b"), func() { assert.EqualValues(t, 2, carrier.Live(c)) })
		assert.EqualValues(t, 1, carrier.Live(c))
	})
	assert.Zero(t, carrier.Live(c), "after a return")

	assert.Panics(t, func() { run(c, tag("a"), func() { panic("oops") }) })
	assert.Zero(t, carrier.Live(c), "after a panic")

	done := make(chan struct{})
	go func() {
		defer close(done)
		run(c, tag("a"), runtime.Goexit)
	}()
	<-done
	assert.Zero(t, carrier.Live(c), "after Goexit")
	assert.Nil(t, c.Current())
}

func TestTwoGLSCarriersAreApart(t *testing.T) {
	t.Parallel()
	one, other := carrier.NewPortable(), carrier.NewPortable()
	a, b := tag("a"), tag("b")
	run(one, a, func() {
		assert.Nil(t, other.Current())
		run(other, b, func() {
			assert.Same(t, a, one.Current())
			assert.Same(t, b, other.Current())
		})
	})
}

// The carrier looks after a goroutine's tag itself while gls can't be asked.
func TestGLSAnswersAgainAfterARecoveredPanic(t *testing.T) {
	t.Parallel()
	c := carrier.NewPortable()
	a := tag("a")
	run(c, a, func() {
		assert.Panics(t, func() { run(c, tag("b"), func() { panic("oops") }) })
		assert.EqualValues(t, 1, carrier.Stale(c))
		assert.Same(t, a, c.Current())
	})
	assert.Zero(t, carrier.Stale(c), "the outer Run returned")

	done := make(chan struct{})
	c.Go(a, t.Context(), func(context.Context) {
		defer close(done)
		run(c, tag("b"), runtime.Goexit)
	})
	<-done
	assert.Eventually(t, func() bool { return carrier.Stale(c) == 0 }, time.Minute, time.Millisecond,
		"a goroutine that Go started leaves nothing behind")
}
