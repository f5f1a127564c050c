package discarded

import (
	"context"
	"net/http"

	"github.com/scopetree/scope"
	sc "github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/httpx"
)

var url = scope.NewKey("url", "")

var global = context.Background()

func contexts(ctx context.Context, r *http.Request) {
	scope.Set(ctx, url, "x")         // want `the result of scope.Set is discarded: it returns a new context and changes nothing else`
	scope.Set[string](ctx, url, "x") // want `scope.Set is discarded`
	(sc.Set[string])(ctx, url, "x")  // want `scope.Set is discarded`
	(scope.With(ctx))                // want `scope.With is discarded`
	env.Set(ctx, "NAME", "x")        // want `env.Set is discarded`
	env.Unset(ctx, "NAME")           // want `env.Unset is discarded`
	scope.Capture(ctx)               // want `scope.Capture is discarded`
	scope.Detach(ctx)                // want `scope.Detach is discarded`
	go scope.Set(ctx, url, "x")      // want `scope.Set is discarded`
	defer scope.Set(ctx, url, "x")   // want `scope.Set is discarded`

	scope.Set(r.Context(), url, "x") // want `scope.Set is discarded`
	scope.Set(global, url, "x")      // want `scope.Set is discarded`
	func() {
		scope.Set(ctx, url, "x") // want `scope.Set is discarded`
	}()
	own := &struct{ context.Context }{ctx}
	scope.Set(own, url, "x") // want `scope.Set is discarded`
}

func bindings() {
	url.Bind("x")                                   // want `the result of scope.Key.Bind is discarded: a binding counts once scope.With or scopetest.New gets it`
	httpx.Route("example.com", "http://fake")       // want `httpx.Route is discarded`
	httpx.RouteHandler("example.com", nil)          // want `httpx.RouteHandler is discarded`
	httpx.RouteTransport("example.com", nil)        // want `httpx.RouteTransport is discarded`
	env.Bind("NAME", "x")                           // want `env.Bind is discarded`
	env.Hide("NAME")                                // want `env.Hide is discarded`
	scope.With(context.Background(), url.Bind("x")) // want `scope.With is discarded`
}

func functions(ctx context.Context) {
	scope.Wrap(ctx, func() {}) // want `the result of scope.Wrap is discarded: it returns a function and runs nothing`
	scope.New(ctx, "job")      // want `scope.New is discarded`

	job, _ := scope.New(ctx, "job") // want `the end function of scope.New is discarded: the scope lasts as long as the one around it, or for ever`
	use(job)
}

func fine(ctx context.Context) (context.Context, func()) {
	_ = scope.Set(ctx, url, "x")
	ctx = scope.Set(ctx, url, "x")
	use(scope.With(ctx, url.Bind("x")))
	job, end := scope.New(ctx, "job")
	defer end()
	use(job)
	url.SetDefault("x") // at start-up nobody restores it
	httpx.Install()     // nor uninstalls it
	set(ctx, url, "x")
	return scope.New(ctx, "job")
}

// set is not scope's.
func set(context.Context, *scope.Key[string], string) context.Context { return nil }

func use(context.Context) {}
