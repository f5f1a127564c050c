//go:build !js

package carrier

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/jtolds/gls"
)

// glsCarrier has gls mark the stacks of goroutines with numbers, and keeps the
// tag that belongs to each number.
//
// gls.Go is never called: it hands the child the parent's live map, which the
// parent goes on changing. Nor is SetValues: for one value it makes three maps,
// and needs so much stack that a new goroutine's has to grow.
//
// A panic or Goexit runs the deferred calls of outer functions on top of the
// frames that it leaves. gls still finds its marks there, when it has given
// their number to another goroutine already: it would answer with that one's
// tag. So where one has left Run, stale has the goroutine's tag from then on. Two
// things it can't do: a program that uses gls itself, and leaves its SetValues by
// a panic, is not noticed, and a goroutine that ends after it recovered outside
// of Run leaves its entry behind.
type glsCarrier struct {
	mu   sync.Mutex
	tags map[uint]*Tag // by gls's number; guarded by mu

	live       atomic.Int64 // bindings in force, process-wide; none: no stack is walked
	stale      sync.Map     // goroutine id → *Tag; stays if the goroutine ends so
	staleCount atomic.Int64 // entries in stale; none: nobody asks for ids
}

func newPortable() Carrier { return &glsCarrier{tags: map[uint]*Tag{}} }

func (*glsCarrier) Name() string { return "gls" }

func (c *glsCarrier) Current() *Tag {
	if c.live.Load() == 0 {
		return nil
	}
	if t, ok := c.staleTag(); ok {
		return t
	}
	id, ok := gls.GetGoroutineId()
	if !ok {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tags[id]
}

func (c *glsCarrier) Run(t *Tag, ctx context.Context, f func(context.Context)) {
	earlier := c.Current()
	_, stale := c.staleTag()
	c.run(t, ctx, f, earlier, stale)
}

// run is Run on a goroutine whose tag is known, and whether gls can be asked.
func (c *glsCarrier) run(t *Tag, ctx context.Context, f func(context.Context), earlier *Tag, stale bool) {
	c.live.Add(1)
	returned := false
	defer func() {
		c.live.Add(-1)
		if stale || !returned {
			c.setStale(earlier)
		} else {
			c.clearStale() // f may have recovered from a panic that left another Run
		}
	}()
	if stale {
		c.setStale(t)
		f(ctx)
	} else {
		gls.EnsureGoroutineId(func(id uint) {
			earlier, bound := c.put(id, t)
			defer c.restore(id, earlier, bound)
			f(ctx)
		})
	}
	returned = true
}

// put makes t the tag of a number, and returns the earlier one, if there is any.
func (c *glsCarrier) put(id uint, t *Tag) (earlier *Tag, bound bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	earlier, bound = c.tags[id]
	c.tags[id] = t
	return earlier, bound
}

// restore undoes put. gls gives a number that has no tag to another goroutine.
func (c *glsCarrier) restore(id uint, earlier *Tag, bound bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if bound {
		c.tags[id] = earlier
	} else {
		delete(c.tags, id)
	}
}

func (c *glsCarrier) Go(t *Tag, ctx context.Context, f func(context.Context)) {
	go func() {
		defer c.clearStale()         // Goexit left Run, and nothing is outside it
		c.run(t, ctx, f, nil, false) // a new goroutine has no tag: no stack is walked
	}()
}

// staleTag returns the goroutine's tag if gls can't be asked for it.
func (c *glsCarrier) staleTag() (t *Tag, ok bool) {
	if c.staleCount.Load() == 0 {
		return nil, false
	}
	v, ok := c.stale.Load(goid())
	t, _ = v.(*Tag)
	return t, ok
}

// setStale makes t the goroutine's tag, whatever marks are on its stack.
func (c *glsCarrier) setStale(t *Tag) {
	if _, ok := c.stale.Swap(goid(), t); !ok {
		c.staleCount.Add(1)
	}
}

// clearStale has gls answer for the goroutine again.
func (c *glsCarrier) clearStale() {
	if c.staleCount.Load() == 0 {
		return
	}
	if _, ok := c.stale.LoadAndDelete(goid()); ok {
		c.staleCount.Add(-1)
	}
}

// Attach can't be had: a stack tag lasts as long as a function's frame.
func (*glsCarrier) Attach(*Tag) (func(), bool) { return nil, false }

// Labels has nothing to add: profiler labels carry nothing here.
func (*glsCarrier) Labels(context.Context, any) (any, bool) { return nil, false }
