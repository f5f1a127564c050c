package scope

import (
	"context"

	"github.com/scopetree/scope/internal/carrier"
	"github.com/scopetree/scope/internal/engine"
)

// Go runs f on a new goroutine that is bound to the scope that decides for ctx. f's
// context carries that scope. A panic in f ends the process, as in any goroutine.
//
// A plain go statement inherits the goroutine's scope with the labels carrier only.
// Go works with every carrier, and for a ctx that the goroutine is not bound to.
func Go(ctx context.Context, f func(context.Context)) {
	check("Go", f != nil)
	ctx, t := engine.Enter(ctx)
	if t == nil && !engine.Carries(ctx) {
		go f(ctx) // there is nothing to bind
		return
	}
	carrier.InUse().Go(t, ctx, f)
}

// Run binds this goroutine to the scope that decides for ctx, and calls f. f's context
// carries that scope. When f returns, panics or exits the goroutine, the earlier binding
// comes back.
func Run(ctx context.Context, f func(context.Context)) {
	check("Run", f != nil)
	ctx, t := engine.Enter(ctx)
	carrier.InUse().Run(t, ctx, f)
}

// Wrap returns a function that calls f as [Run] does, in the scope that decides for ctx
// when Wrap is called. Use it for functions that other goroutines call later: timers,
// queues, callbacks, worker pools. If there is no scope at that time, f runs in none,
// whoever calls it. The result may be called many times and from any goroutine, if f may.
func Wrap(ctx context.Context, f func()) func() {
	check("Wrap", f != nil)
	ctx, t := engine.Enter(ctx)
	run := func(context.Context) { f() }
	return func() { carrier.InUse().Run(t, ctx, run) }
}

// Attach binds the rest of this goroutine to the scope that decides for ctx. Use Attach
// when you can't pass a function to [Run], such as in a worker's loop.
//
// detach brings the earlier binding back. Call it on the same goroutine, because it binds
// the goroutine that calls it. Of several calls of Attach, detach the last first. A defer
// does both. Attach works with the labels carrier only, and panics with another.
func Attach(ctx context.Context) (detach func()) {
	_, t := engine.Enter(ctx)
	c := carrier.InUse()
	detach, ok := c.Attach(t)
	if !ok {
		panic("scope: Attach can't work with the " + c.Name() + " carrier: use scope.Run")
	}
	return detach
}

// Capture returns a context that carries the scope that decides for ctx, even if that
// scope has ended. If ctx carries a scope, Capture returns ctx. Otherwise it returns ctx
// with the goroutine's scope added. Pass that context to code on other goroutines. If
// there is no scope at all, Capture returns ctx.
func Capture(ctx context.Context) context.Context { return engine.Capture(ctx) }

// Detach returns ctx with an explicit empty scope: [Get] with this context returns
// defaults, and does not read the goroutine's scope. Use it for work that outlives the
// scope in which it starts, such as a worker that the first request starts and all
// requests share: Go(Detach(ctx), work). With a plain go statement the worker would be
// bound to the first request's scope, and that scope ends.
//
// Everything else of ctx remains. If ctx is cancelled at the end of the request, use
// [context.WithoutCancel] as well.
func Detach(ctx context.Context) context.Context { return engine.Detach(ctx) }

// Carrier returns the name of the mechanism that binds scopes to goroutines in this
// process. With "labels", goroutines inherit as the table in the package comment says.
// With "gls", only [Run], [Go] and [Wrap] pass a scope on. On js/wasm it may be "none",
// and then only contexts carry scopes.
func Carrier() string { return carrier.InUse().Name() }

// check panics for a nil function here, and not where it would be called.
func check(name string, ok bool) {
	if !ok {
		panic("scope: " + name + " of a nil function")
	}
}
