package bench

import (
	"context"
	"fmt"
	"sync"

	"github.com/jtolds/gls"
	"github.com/sourcegraph/conc"
	"github.com/timandy/routine"
	"golang.org/x/sync/errgroup"

	"github.com/scopetree/scope"
)

// Spawn starts a goroutine that has its parent's value, and waits for it. If
// bound is true, the parent is bound to the scope, or has the value, before the
// measurement.
func Spawn(bound bool) Row {
	key := scope.NewKey("spawn", -1) //scopevet:ignore nobody is to find it: spawning is all
	ctx := scope.Set(context.Background(), key, 1)
	done := make(chan struct{})
	f := func(context.Context) { done <- struct{}{} }
	in := func(loop func()) { loop() }
	if bound {
		in = func(loop func()) { scope.Run(ctx, func(context.Context) { loop() }) }
	}
	return Row{fmt.Sprintf("Spawn/bound=%t", bound), []Peer{
		{Scope, func(n int) {
			in(func() {
				for range n {
					scope.Go(ctx, f)
					<-done
				}
			})
		}},
		{"go", func(n int) {
			for range n {
				go f(ctx)
				<-done
			}
		}},
		{GLS, func(n int) {
			g := func() { done <- struct{}{} }
			glsValues.SetValues(gls.Values{plainKeys[0]: 1}, func() {
				for range n {
					gls.Go(g) //scopevet:ignore it is what is measured
					<-done
				}
			})
		}},
		{Routine, func(n int) {
			local := routineLocals(1)[0]
			g := func() { done <- struct{}{} }
			apart(func() {
				local.Set(1)
				for range n {
					routine.Go(g)
					<-done
				}
			})
		}},
		{"sourcegraph_conc", func(n int) {
			for range n {
				var wg conc.WaitGroup
				wg.Go(func() { f(ctx) })
				<-done
				wg.Wait()
			}
		}},
		{"errgroup", func(n int) {
			for range n {
				var g errgroup.Group
				g.Go(func() error { f(ctx); return nil })
				<-done
				g.Wait()
			}
		}},
		{"WaitGroup.Go", func(n int) {
			for range n {
				var wg sync.WaitGroup
				wg.Go(func() { f(ctx) })
				<-done
				wg.Wait()
			}
		}},
	}}
}

// Run binds the goroutine to a scope and restores it. It is compared with one
// WithValue.
func Run() Row {
	ctx := scope.Set(context.Background(), textKey, "bound")
	f := func(context.Context) {}
	return Row{"Run", []Peer{
		{Scope, func(n int) {
			for range n {
				scope.Run(ctx, f)
			}
		}},
		{"scope_nested", func(n int) {
			scope.Run(ctx, func(ctx context.Context) {
				for range n {
					scope.Run(ctx, f)
				}
			})
		}},
		{WithValue, func(n int) {
			for range n {
				keptContext = context.WithValue(context.Background(), plainKeys[0], text)
			}
		}},
		{GLS, func(n int) {
			g := func() {}
			for range n {
				glsValues.SetValues(gls.Values{plainKeys[0]: text}, g)
			}
		}},
	}}
}

// Bind makes a new scope and binds the goroutine to it, once. A server pays
// this for each request that it binds.
func Bind() Row {
	f := func(context.Context) {}
	return Row{"Bind", []Peer{
		{Scope, func(n int) {
			for range n {
				scope.Run(scope.Set(context.Background(), textKey, text), f)
			}
		}},
		{GLS, func(n int) {
			g := func() {}
			for range n {
				glsValues.SetValues(gls.Values{plainKeys[0]: text}, g)
			}
		}},
	}}
}
