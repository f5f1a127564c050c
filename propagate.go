package scope

import (
	"context"

	"github.com/scopetree/scope/internal/carrier"
	"github.com/scopetree/scope/internal/engine"
)

// Go runs f on a new goroutine that is bound to the current scope: ctx's, or
// else this goroutine's. f's context carries that scope. A panic in f is as in
// any goroutine. Where a plain go statement inherits, Go does the same for a
// ctx that the goroutine is not bound to, and for every carrier.
func Go(ctx context.Context, f func(context.Context)) {
	check("Go", f != nil)
	ctx, t := engine.Enter(ctx)
	if t == nil && !engine.Carries(ctx) {
		go f(ctx) // there is nothing to bind
		return
	}
	carrier.InUse().Go(t, ctx, f)
}

// Run calls f on this goroutine, bound to the current scope: ctx's, or else
// the one that it is bound to. f's context carries that scope. The earlier
// binding comes back when f returns, panics or exits the goroutine.
func Run(ctx context.Context, f func(context.Context)) {
	check("Run", f != nil)
	ctx, t := engine.Enter(ctx)
	carrier.InUse().Run(t, ctx, f)
}

// Wrap returns a function that runs f as [Run] does, in the scope that is
// current when Wrap is called. It is for what runs elsewhere and later: timers,
// queues, callbacks, worker pools. The result may be called many times and
// from any goroutine, if f may.
func Wrap(ctx context.Context, f func()) func() {
	check("Wrap", f != nil)
	ctx, t := engine.Enter(ctx)
	run := func(context.Context) { f() }
	return func() { carrier.InUse().Run(t, ctx, run) }
}

// Attach binds the rest of this goroutine to ctx's scope. It is for where a
// function can't be passed to [Run], such as the body of a test or a worker's
// loop. detach brings the earlier binding back, and must be called on the same
// goroutine: defer it. Attach needs the labels carrier and panics under another.
func Attach(ctx context.Context) (detach func()) {
	_, t := engine.Enter(ctx)
	c := carrier.InUse()
	detach, ok := c.Attach(t)
	if !ok {
		panic("scope: Attach can't work with the " + c.Name() + " carrier: use scope.Run")
	}
	return detach
}

// Capture returns ctx with the scope in it that [Get] would read: ctx itself
// if it carries one, else with the goroutine's. It is how code that has the
// binding passes it to code that has only the context. Where there is no
// scope at all it returns ctx.
func Capture(ctx context.Context) context.Context { return engine.Capture(ctx) }

// Detach returns ctx with an explicit empty scope: neither an outer context's
// scope nor the goroutine's is read through it. It is for work that outlives
// the scope it is started from, such as a worker that the first request starts
// and all share: Go(Detach(ctx), work). A plain go statement would leave such a
// worker bound to that request's scope, and ended with it.
func Detach(ctx context.Context) context.Context { return engine.Detach(ctx) }

// Carrier returns what binds scopes to goroutines in this process: "labels",
// which every goroutine inherits, or "gls", which [Go] and [Wrap] pass on. On
// js/wasm it may be "none": there scopes travel in contexts alone.
func Carrier() string { return carrier.InUse().Name() }

// check panics for a nil function, which would otherwise fail far from here.
func check(name string, ok bool) {
	if !ok {
		panic("scope: " + name + " of a nil function")
	}
}
