//go:build !js

package carrier

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/jtolds/gls"
)

// A glsCarrier lets gls mark the stacks of goroutines with numbers, and has a tag for each
// number.
//
// It does not use gls.Go, because that hands the parent's map to the child, and the
// parent goes on changing it. It does not use SetValues either, because for one value
// that makes three maps, and needs so much stack that a new goroutine's stack must grow.
//
// A panic or Goexit that leaves Run needs care. It runs the deferred calls of outer
// functions on top of the frames that it leaves. gls still finds its marks there, although
// it may have given their number to another goroutine already. Current would return that
// goroutine's tag. Therefore, once a panic has left Run, stale has the goroutine's tag.
//
// There are two limits. If a program uses gls itself, and a panic leaves its SetValues,
// the carrier does not notice. If a goroutine recovers outside of Run and then ends, its
// entry in stale stays.
type glsCarrier struct {
	mu   sync.Mutex
	tags map[uint]*Tag // by gls's number; guarded by mu

	live       atomic.Int64 // calls of Run under way; if it is 0, Current walks no stack
	stale      sync.Map     // goroutine id → *Tag
	staleCount atomic.Int64 // entries in stale; if it is 0, no goroutine id is needed
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

// run is Run for a goroutine with the tag earlier. If stale is true, the stack has marks
// that mislead gls.
func (c *glsCarrier) run(t *Tag, ctx context.Context, f func(context.Context), earlier *Tag, stale bool) {
	c.live.Add(1)
	returned := false
	defer func() {
		c.live.Add(-1)
		if stale || !returned {
			c.setStale(earlier)
		} else {
			c.clearStale() // f may have recovered from a panic that left an inner Run
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

// put sets the tag of a number to t, and returns the earlier one. If there was none, bound
// is false.
func (c *glsCarrier) put(id uint, t *Tag) (earlier *Tag, bound bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	earlier, bound = c.tags[id]
	c.tags[id] = t
	return earlier, bound
}

// restore undoes put. A number without a tag must have no entry, because gls may give the
// number to another goroutine.
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
		defer c.clearStale()         // after a Goexit, because the goroutine ends
		c.run(t, ctx, f, nil, false) // not Run, which would walk the stack to find no tag
	}()
}

// staleTag returns the goroutine's tag if stale has it.
func (c *glsCarrier) staleTag() (t *Tag, ok bool) {
	if c.staleCount.Load() == 0 {
		return nil, false
	}
	v, ok := c.stale.Load(goid())
	t, _ = v.(*Tag)
	return t, ok
}

// setStale sets the goroutine's tag to t, whatever marks are on its stack.
func (c *glsCarrier) setStale(t *Tag) {
	if _, ok := c.stale.Swap(goid(), t); !ok {
		c.staleCount.Add(1)
	}
}

// clearStale lets gls answer for the goroutine again.
func (c *glsCarrier) clearStale() {
	if c.staleCount.Load() == 0 {
		return
	}
	if _, ok := c.stale.LoadAndDelete(goid()); ok {
		c.staleCount.Add(-1)
	}
}

// Attach does nothing: a mark on the stack lasts no longer than a function's frame.
func (*glsCarrier) Attach(*Tag) (func(), bool) { return nil, false }

// Labels adds nothing, because profiler labels carry no tags here.
func (*glsCarrier) Labels(context.Context, any) (any, bool) { return nil, false }
