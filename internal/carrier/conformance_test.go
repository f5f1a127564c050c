package carrier_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/internal/carrier"
)

// conformance is what holds for every carrier. What only one of them can do
// stands in labels_test.go and gls_test.go.
var conformance = []struct {
	claim string
	test  func(*testing.T, carrier.Carrier)
}{
	{"an unbound goroutine has no tag", unboundHasNone},
	{"Run binds, and restores after a return", runRestoresAfterReturn},
	{"Run restores after a panic", runRestoresAfterPanic},
	{"Run restores after Goexit", runRestoresAfterGoexit},
	{"deferred calls see what is bound where they stand", deferredCalls},
	{"deferred calls can bind anew", deferredRun},
	{"the innermost of nested bindings counts", innermostCounts},
	{"a nil tag unbinds", nilUnbinds},
	{"Run and Go pass the context on", contextPasses},
	{"Go binds, whatever the caller is bound to", goBinds},
	{"Go of a nil tag starts unbound", goOfNilIsUnbound},
	{"grandchildren inherit through Go", grandchildren},
	{"a binding outlasts its parent's", outlastsParent},
	{"a tag is found at any stack depth", anyDepth},
	{"200 goroutines never see each other's", neverAnothers},
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, c := range carriers() {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			for _, claim := range conformance {
				t.Run(claim.claim, func(t *testing.T) {
					t.Parallel()
					claim.test(t, c)
				})
			}
		})
	}
}

func TestTheCarrierInUseIsTheBuilds(t *testing.T) {
	t.Parallel()
	assert.Equal(t, carriers()[0].Name(), carrier.InUse().Name())
	carrier.InUse().Run(tag("in use"), t.Context(), func(context.Context) {
		assert.Equal(t, "in use", carrier.Current().Name(), "the package's Current is the carrier's")
	})
}

func unboundHasNone(t *testing.T, c carrier.Carrier) {
	assert.Nil(t, c.Current())
}

func runRestoresAfterReturn(t *testing.T, c carrier.Carrier) {
	a := tag("a")
	run(c, a, func() { assert.Same(t, a, c.Current()) })
	assert.Nil(t, c.Current())
}

func runRestoresAfterPanic(t *testing.T, c carrier.Carrier) {
	outer := tag("outer")
	run(c, outer, func() {
		assert.PanicsWithValue(t, "oops", func() {
			run(c, tag("inner"), func() { panic("oops") })
		})
		assert.Same(t, outer, c.Current())
	})
	assert.Panics(t, func() { run(c, outer, func() { panic("oops") }) })
	assert.Nil(t, c.Current())
}

func runRestoresAfterGoexit(t *testing.T, c carrier.Carrier) {
	done := make(chan *carrier.Tag)
	go func() {
		defer func() { done <- c.Current() }()
		run(c, tag("gone"), runtime.Goexit)
	}()
	assert.Nil(t, <-done)
}

// With gls, the frames that a panic or Goexit leaves are still on the stack
// when outer functions' deferred calls run, and so are its marks.
func deferredCalls(t *testing.T, c carrier.Carrier) {
	outer := tag("outer")
	for how, leave := range leavings {
		var inside, outside *carrier.Tag
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer func() { _ = recover() }()
			defer amid(c, func() { outside = c.Current() })
			run(c, outer, func() {
				defer amid(c, func() { inside = c.Current() })
				run(c, tag("inner"), leave)
			})
		}()
		<-ended
		assert.Same(t, outer, inside, how)
		assert.Nil(t, outside, how)
	}
}

func deferredRun(t *testing.T, c carrier.Carrier) {
	a, b := tag("a"), tag("b")
	for how, leave := range leavings {
		var bound, nested, after *carrier.Tag
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer func() { _ = recover() }()
			defer amid(c, func() {
				run(c, a, func() {
					run(c, b, func() { nested = c.Current() })
					bound = c.Current()
				})
				after = c.Current()
			})
			run(c, tag("left"), leave)
		}()
		<-ended
		assert.Same(t, a, bound, how)
		assert.Same(t, b, nested, how)
		assert.Nil(t, after, how)
	}
}

// leavings are the ways out of a function that are no return.
var leavings = map[string]func(){
	"panic":  func() { panic("oops") },
	"Goexit": runtime.Goexit,
}

// amid calls f while a few other goroutines are bound.
func amid(c carrier.Carrier, f func()) {
	var bound, over sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		bound.Add(1)
		over.Add(1)
		c.Go(tag("other"), context.Background(), func(context.Context) {
			defer over.Done()
			bound.Done()
			<-done
		})
	}
	bound.Wait()
	f()
	close(done)
	over.Wait()
}

func innermostCounts(t *testing.T, c carrier.Carrier) {
	a, b := tag("a"), tag("b")
	run(c, a, func() {
		run(c, b, func() { assert.Same(t, b, c.Current()) })
		assert.Same(t, a, c.Current())
		run(c, a, func() { assert.Same(t, a, c.Current(), "the same once more") })
		assert.Same(t, a, c.Current())
	})
}

func nilUnbinds(t *testing.T, c carrier.Carrier) {
	a := tag("a")
	run(c, a, func() {
		run(c, nil, func() {
			assert.Nil(t, c.Current())
			run(c, a, func() { assert.Same(t, a, c.Current()) })
			assert.Nil(t, c.Current())
		})
		assert.Same(t, a, c.Current())
	})
}

func contextPasses(t *testing.T, c carrier.Carrier) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "it")
	c.Run(tag("a"), ctx, func(got context.Context) { assert.Equal(t, ctx, got) })
	done := make(chan context.Context)
	c.Go(tag("a"), ctx, func(got context.Context) { done <- got })
	assert.Equal(t, ctx, <-done)
}

func goBinds(t *testing.T, c carrier.Carrier) {
	a, b := tag("a"), tag("b")
	assert.Same(t, a, inGo(c, a), "from an unbound goroutine")
	run(c, b, func() {
		assert.Same(t, a, inGo(c, a), "from one bound to another tag")
		assert.Same(t, b, inGo(c, b), "from one bound to it already")
		assert.Same(t, b, c.Current(), "the caller keeps its own")
	})
}

func goOfNilIsUnbound(t *testing.T, c carrier.Carrier) {
	run(c, tag("a"), func() { assert.Nil(t, inGo(c, nil)) })
}

func grandchildren(t *testing.T, c carrier.Carrier) {
	a := tag("a")
	got := make(chan *carrier.Tag)
	c.Go(a, t.Context(), func(ctx context.Context) {
		c.Go(c.Current(), ctx, func(ctx context.Context) {
			c.Go(c.Current(), ctx, func(context.Context) { got <- c.Current() })
		})
	})
	assert.Same(t, a, <-got)
}

func outlastsParent(t *testing.T, c carrier.Carrier) {
	a := tag("a")
	over, got := make(chan struct{}), make(chan *carrier.Tag)
	run(c, a, func() {
		c.Go(a, t.Context(), func(context.Context) {
			<-over
			got <- c.Current()
		})
	})
	close(over)
	assert.Same(t, a, <-got)
}

func anyDepth(t *testing.T, c carrier.Carrier) {
	a := tag("a")
	run(c, a, func() {
		for _, depth := range []int{0, 1, 14, 15, 16, 17, 31, 32, 33, 100, 300} {
			assert.Same(t, a, below(depth, c.Current), "%d frames down", depth)
		}
	})
}

func neverAnothers(t *testing.T, c carrier.Carrier) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for i := range 200 {
		own := tag(fmt.Sprint("goroutine ", i))
		wg.Add(1)
		c.Go(own, t.Context(), func(ctx context.Context) {
			defer wg.Done()
			for range 20 {
				runtime.Gosched()
				if got := c.Current(); !assert.Same(t, own, got) {
					return
				}
				nested := tag("nested")
				run(c, nested, func() {
					runtime.Gosched()
					assert.Same(t, nested, c.Current())
				})
			}
		})
	}
}

func TestATagKeepsItsNameAndPayload(t *testing.T) {
	t.Parallel()
	payload, other := new(string), new(string)
	tag := carrier.NewTag("name", payload)
	assert.Equal(t, "name", tag.Name())
	assert.Same(t, payload, carrier.Payload[string](tag))
	carrier.SetPayload(tag, other)
	assert.Same(t, other, carrier.Payload[string](tag))
	assert.Nil(t, carrier.Payload[string](carrier.NewTag[string]("", nil)))
}

func tag(name string) *carrier.Tag { return carrier.NewTag(name, &name) }

// run is Run for an f that takes no context.
func run(c carrier.Carrier, t *carrier.Tag, f func()) {
	c.Run(t, context.Background(), func(context.Context) { f() })
}

// inGo returns the tag that a goroutine started with Go finds.
func inGo(c carrier.Carrier, t *carrier.Tag) *carrier.Tag {
	return inGoroutine(c, func(f func()) {
		c.Go(t, context.Background(), func(context.Context) { f() })
	})
}

// inGoroutine returns the tag found where start runs its argument.
func inGoroutine(c carrier.Carrier, start func(f func())) *carrier.Tag {
	got := make(chan *carrier.Tag, 1)
	start(func() { got <- c.Current() })
	return <-got
}

// below calls f that many frames further down.
//
//go:noinline
func below(frames int, f func() *carrier.Tag) *carrier.Tag {
	if frames == 0 {
		return f()
	}
	return below(frames-1, f)
}

func TestTheBuildHasACarrier(t *testing.T) {
	t.Parallel()
	require.NotEmpty(t, carriers())
	for _, c := range carriers() {
		assert.Contains(t, []string{"labels", "gls"}, c.Name())
	}
}
