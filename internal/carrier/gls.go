//go:build !js

package carrier

import (
	"bytes"
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/jtolds/gls"
)

// glsCarrier keeps one immutable value, the tag, under one gls key.
//
// gls.Go is never called: it hands the child the parent's live map, which the
// parent goes on changing. A child gets a map of its own through SetValues.
//
// A panic or Goexit runs the deferred calls of outer functions on top of the
// frames that it leaves. gls still finds its marks there, when it has given
// their number to another goroutine already: it would answer with that one's
// tag. So where one has left Run, torn has the goroutine's tag from then on.
type glsCarrier struct {
	values *gls.ContextManager
	live   atomic.Int64 // bindings in force, process-wide; none: no stack is walked
	torn   sync.Map     // goroutine id → *Tag; stays if the goroutine ends so
	tears  atomic.Int64 // entries in torn; none: nobody asks for ids
}

type glsKey struct{}

func newPortable() Carrier { return &glsCarrier{values: gls.NewContextManager()} }

func (*glsCarrier) Name() string { return "gls" }

func (c *glsCarrier) Current() *Tag {
	if c.live.Load() == 0 {
		return nil
	}
	if t, ok := c.tornHere(); ok {
		return t
	}
	v, _ := c.values.GetValue(glsKey{})
	t, _ := v.(*Tag)
	return t
}

func (c *glsCarrier) Run(t *Tag, ctx context.Context, f func(context.Context)) {
	earlier := c.Current()
	_, torn := c.tornHere()
	c.run(t, ctx, f, earlier, torn)
}

// run is Run on a goroutine whose tag is known, and whether gls can be asked.
func (c *glsCarrier) run(t *Tag, ctx context.Context, f func(context.Context), earlier *Tag, torn bool) {
	c.live.Add(1)
	returned := false
	defer func() {
		c.live.Add(-1)
		if torn || !returned {
			c.tear(earlier)
		} else {
			c.mend() // f may have recovered from a panic that left another Run
		}
	}()
	if torn {
		c.tear(t)
		f(ctx)
	} else {
		c.values.SetValues(gls.Values{glsKey{}: t}, func() { f(ctx) })
	}
	returned = true
}

func (c *glsCarrier) Go(t *Tag, ctx context.Context, f func(context.Context)) {
	go func() {
		defer c.mend()               // Goexit left Run, and nothing is outside it
		c.run(t, ctx, f, nil, false) // a new goroutine has no tag: no stack is walked
	}()
}

// tornHere returns the goroutine's tag if gls can't be asked for it.
func (c *glsCarrier) tornHere() (t *Tag, ok bool) {
	if c.tears.Load() == 0 {
		return nil, false
	}
	v, ok := c.torn.Load(goid())
	t, _ = v.(*Tag)
	return t, ok
}

// tear makes t the goroutine's tag, whatever marks are on its stack.
func (c *glsCarrier) tear(t *Tag) {
	if _, ok := c.torn.Swap(goid(), t); !ok {
		c.tears.Add(1)
	}
}

// mend has gls answer for the goroutine again.
func (c *glsCarrier) mend() {
	if c.tears.Load() == 0 {
		return
	}
	if _, ok := c.torn.LoadAndDelete(goid()); ok {
		c.tears.Add(-1)
	}
}

// goid returns the running goroutine's id, which no other ever has, from the
// first line of its stack trace: "goroutine 18 [running]:".
func goid() string {
	var line [32]byte
	id := line[:runtime.Stack(line[:], false)]
	id = bytes.TrimPrefix(id, []byte("goroutine "))
	id, _, _ = bytes.Cut(id, []byte(" "))
	return string(id)
}

// Attach can't be had: a stack tag lasts as long as a function's frame.
func (*glsCarrier) Attach(*Tag) (func(), bool) { return nil, false }

// Labels has nothing to add: profiler labels carry nothing here.
func (*glsCarrier) Labels(context.Context, any) (any, bool) { return nil, false }
