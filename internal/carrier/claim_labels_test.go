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

	release()
	release()
	assert.Nil(t, child())
	assert.Nil(t, c.Current())
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
	elsewhere := make(chan func())
	go func() { elsewhere <- carrier.Claim("TestX/sub", mine) }()
	release := <-elsewhere
	assert.Same(t, mine, at("TestX/sub"))
	assert.Same(t, mine, at("TestX/sub/deep/er#01"))
	assert.Nil(t, at("TestX"))
	assert.Nil(t, at("TestX/other"))
	second := carrier.Claim("TestX/sub", tag("another"))
	assert.NotSame(t, mine, at("TestX/sub"), "two tests have the name")
	second()
	assert.Same(t, mine, at("TestX/sub"))
	release()
	assert.Nil(t, at("TestX/sub"))
}
