package discarded

import (
	"context"
	"net/http"
	"time"

	"github.com/scopetree/scope"
	sc "github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/propagation"
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

func loops(ctx context.Context, names []string, servers []context.Context) {
	for _, name := range names {
		scope.Set(ctx, url, name) // want `scope.Set is discarded`
		use(ctx)
	}
	for i := 0; i < 2; i++ {
		scope.Set(ctx, url, "x") // want `scope.Set is discarded`
		use(ctx)
	}
	for _, server := range servers {
		scope.Set(server, url, "x") // want `scope.Set is discarded`
		use(server)
	}
}

func bindings() {
	url.Bind("x")                                   // want `the result of scope.Key.Bind is discarded: a binding counts once scope.With or scopetest.With gets it`
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
	var another, _ = scope.New(ctx, "job") // want `the end function of scope.New is discarded`
	use(another)
}

var process, _ = scope.New(context.Background(), "a package's scope may last for ever")

func wrappers(ctx context.Context, p *propagation.Propagator, h http.Handler, rt http.RoundTripper) {
	httpx.Adopt(h)          // want `the result of httpx.Adopt is discarded: it returns a new value and changes nothing else`
	httpx.Middleware(h)     // want `httpx.Middleware is discarded`
	httpx.Wrap(rt)          // want `httpx.Wrap is discarded`
	p.Middleware(h, nil)    // want `propagation.Propagator.Middleware is discarded`
	p.For("example.com")    // want `propagation.Propagator.For is discarded`
	p.At(time.Now)          // want `propagation.Propagator.At is discarded`
	p.Extract(ctx, carrier) // want `propagation.Propagator.Extract is discarded: it returns a new context`
	_ = p.Inject(ctx, carrier)
}

var carrier propagation.Carrier

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
