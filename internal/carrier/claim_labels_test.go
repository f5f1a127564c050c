//go:build gc && !scope_portable

package carrier_test

import (
	"context"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/internal/carrier"
)

// asker starts a goroutine that says whose it is each time that it is asked.
func asker(t *testing.T, c carrier.Carrier, start func(f func())) (ask func() *carrier.Tag) {
	asked, answer := make(chan bool), make(chan *carrier.Tag)
	start(func() {
		for range asked {
			answer <- c.Current()
		}
	})
	t.Cleanup(func() { close(asked) })
	return func() *carrier.Tag { asked <- true; return <-answer }
}

func TestGoroutinesFromBeforeAClaim(t *testing.T) {
	t.Parallel()
	c := labels(t)
	child := asker(t, c, func(f func()) { go f() })
	grandchild := asker(t, c, func(f func()) { go func() { go f(); <-t.Context().Done() }() })
	detached := asker(t, c, func(f func()) { c.Go(nil, t.Context(), func(context.Context) { f() }) })
	below := asker(t, c, func(f func()) { c.Go(nil, t.Context(), func(context.Context) { go f() }) })
	other := tag("other")
	bound := asker(t, c, func(f func()) { c.Go(other, t.Context(), func(context.Context) { f() }) })
	assert.Nil(t, child())

	mine := tag("mine")
	release := carrier.Claim(t.Name(), mine)
	assert.Same(t, mine, c.Current())
	assert.Same(t, mine, child())
	assert.Same(t, mine, grandchild())
	assert.Same(t, mine, asker(t, c, func(f func()) { go f() })(), "from after")
	assert.Nil(t, detached())
	assert.Nil(t, below(), "what a detached goroutine started")
	assert.Same(t, other, bound())
	run(c, nil, func() {
		assert.Nil(t, c.Current())
		assert.Nil(t, asker(t, c, func(f func()) { go f() })())
	})
	assert.Empty(t, carrier.GoroutineLabels(), "nothing was changed")

	release(false)
	release(false)
	assert.Nil(t, child())
	assert.Nil(t, c.Current())
}

// A goroutine that outlives its test stays the test's, even if nobody asked before whose it is.
func TestAClaimMayLast(t *testing.T) {
	t.Parallel()
	c := labels(t)
	mine, later := tag("mine"), tag("later")
	var child, grandchild, asked, detached func() *carrier.Tag
	over := make(chan struct{})
	go func() { // the test's goroutine
		defer close(over)
		child = asker(t, c, func(f func()) { go f() })
		asked = asker(t, c, func(f func()) { go f() })
		grandchild = asker(t, c, func(f func()) { go func() { go f(); <-t.Context().Done() }() })
		detached = asker(t, c, func(f func()) { c.Go(nil, t.Context(), func(context.Context) { f() }) })
		release := carrier.Claim(t.Name(), mine)
		asked()
		release(true)
		release(true)
		assert.Same(t, mine, c.Current())
		release = carrier.Claim(t.Name(), later)
		assert.Same(t, later, c.Current())
		release(false)
		assert.Same(t, mine, c.Current())
	}()
	<-over
	running := make(chan func(bool))
	go func() { running <- carrier.Claim("another test", tag("other")) }()
	defer (<-running)(false) // while a test runs, the world may be stopped to look for ancestors
	assert.Same(t, mine, child())
	assert.Same(t, mine, asked())
	assert.Same(t, mine, grandchild())
	assert.Nil(t, detached())
	assert.Nil(t, asker(t, c, func(f func()) { go f() })(), "of another goroutine")
}

// Serial, because it is about the time when no test runs that has a claim. Others pay for a claim that lasts with one
// search, and no goroutine misses a claim for that.
func TestAClaimThatLastsCostsOthersOneSearch(t *testing.T) {
	c := labels(t)
	last := func(name string) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			carrier.Claim(name, tag(name))(true)
		}()
		<-done
	}
	last("first")
	assert.Nil(t, c.Current())
	assert.Zero(t, testing.AllocsPerRun(100, func() { c.Current() }), "it searches again")
	assert.Empty(t, carrier.GoroutineLabels())

	mine := tag("mine")
	over := make(chan func() *carrier.Tag)
	go func() { // a test's goroutine, which inherits that it was searched for
		child := asker(t, c, func(f func()) { go f() })
		assert.Nil(t, child())
		carrier.Claim("second", mine)(true)
		over <- child
	}()
	child := <-over
	assert.Same(t, mine, child())
	assert.Nil(t, c.Current())
	assert.Nil(t, asker(t, c, func(f func()) { go f() })())
}

func TestAGoroutineIsClaimedByTheLabelOfATest(t *testing.T) {
	t.Parallel()
	c := labels(t)
	mine := tag("mine")
	at := func(name string) (got *carrier.Tag) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("a", "b", "test", name)))
			got = c.Current()
		}()
		<-done
		return got
	}
	elsewhere := make(chan func(bool))
	go func() { elsewhere <- carrier.Claim("TestX/sub", mine) }()
	release := <-elsewhere
	assert.Same(t, mine, at("TestX/sub"))
	assert.Same(t, mine, at("TestX/sub/deep/er#01"))
	assert.Nil(t, at("TestX"))
	assert.Nil(t, at("TestX/other"))
	second := carrier.Claim("TestX/sub", tag("another"))
	assert.NotSame(t, mine, at("TestX/sub"), "two tests have the name")
	second(false)
	assert.Same(t, mine, at("TestX/sub"))
	release(false)
	assert.Nil(t, at("TestX/sub"))
}
