//go:build !js

package carrier

import (
	"context"
	"sync/atomic"

	"github.com/jtolds/gls"
)

// glsCarrier keeps one immutable value, the tag, under one gls key.
//
// gls.Go is never called: it hands the child the parent's live map, which the
// parent goes on changing. A child gets a map of its own through SetValues.
type glsCarrier struct {
	values *gls.ContextManager
	live   atomic.Int64 // bindings in force, process-wide; none: no stack is walked
}

type glsKey struct{}

func newPortable() Carrier { return &glsCarrier{values: gls.NewContextManager()} }

func (*glsCarrier) Name() string { return "gls" }

func (c *glsCarrier) Current() *Tag {
	if c.live.Load() == 0 {
		return nil
	}
	v, _ := c.values.GetValue(glsKey{})
	t, _ := v.(*Tag)
	return t
}

func (c *glsCarrier) Run(t *Tag, ctx context.Context, f func(context.Context)) {
	c.live.Add(1)
	defer c.live.Add(-1)
	c.values.SetValues(gls.Values{glsKey{}: t}, func() { f(ctx) })
}

func (c *glsCarrier) Go(t *Tag, ctx context.Context, f func(context.Context)) {
	go c.Run(t, ctx, f)
}

// Attach can't be had: a stack tag lasts as long as a function's frame.
func (*glsCarrier) Attach(*Tag) (func(), bool) { return nil, false }

// Labels has nothing to add: profiler labels carry nothing here.
func (*glsCarrier) Labels(context.Context, any) (any, bool) { return nil, false }
