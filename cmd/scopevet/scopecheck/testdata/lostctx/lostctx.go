package lostctx

import (
	"context"
	bg "context"
	"net/http"
	"runtime/pprof"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/httpx"
)

var url = scope.NewKey("url", "")

var name = "NAME"

func param(ctx context.Context) {
	scope.Get(context.Background(), url)              // want `context.Background\(\) carries no scope, and ctx does: pass it, or context.WithoutCancel of it for work that outlives it`
	scope.Get[string](bg.TODO(), url)                 // want `context.TODO\(\) carries no scope, and ctx does`
	env.Getenv(env.Get((context.Background()), name)) // want `carries no scope`
	_ = httpx.Token(context.Background())             // want `carries no scope`
	_ = scope.Set(context.Background(), url, "x")     // want `carries no scope`

	_, _ = http.NewRequestWithContext(context.Background(), "GET", "", nil) // want `carries no scope`
	pprof.Do(context.Background(), pprof.Labels(), work)                    // want `carries no scope, and ctx does`

	scope.Go(context.Background(), func(context.Context) {}) // want `carries no scope`
	scope.Wrap(context.Background(), func() {})()            // want `carries no scope`
}

func request(w http.ResponseWriter, r *http.Request) {
	scope.Get(context.Background(), url) // want `carries no scope, and r.Context\(\) does`
}

func both(r *http.Request, ctx context.Context) {
	scope.Get(context.Background(), url) // want `and ctx does`
}

type server struct{}

func (server) method(ctx context.Context) string {
	return scope.Get(context.Background(), url) // want `carries no scope`
}

var literal = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
	scope.Get(context.Background(), url) // want `and req.Context\(\) does`
})

func atOnce(ctx context.Context) string {
	return func() string {
		return scope.Get(context.Background(), url) // want `carries no scope`
	}()
}

func shadowed(ctx context.Context) {
	{
		ctx := 1
		scope.Get(context.Background(), url) // want `carries no scope`
		_ = ctx
	}
	if ctx := scope.Set(context.Background(), url, "x"); true { // want `carries no scope`
		scope.Get(context.Background(), url) // want `carries no scope`
		_ = ctx
	}
}

func aChoice(ctx context.Context) {
	other, cancel := context.WithCancel(ctx)
	defer cancel()
	scope.Get(context.Background(), url) // want `carries no scope`
	_ = other
}

func shadowedByAnother(ctx context.Context) {
	{
		ctx := context.Background()
		scope.Get(context.Background(), url) // want `carries no scope`
		_ = ctx
	}
}

func namedResult(r *http.Request) (ctx context.Context) {
	ctx = scope.Set(context.Background(), url, "x") // want `and r.Context\(\) does`
	return ctx
}

func assignedLater(r *http.Request) context.Context {
	var ctx context.Context
	ctx = scope.Set(context.Background(), url, "x") // want `and r.Context\(\) does`
	return ctx
}

func aFreshOne(r *http.Request) {
	bg := context.Background()
	scope.Get(context.Background(), url) // want `and r.Context\(\) does`
	_ = bg
}

func anotherRequest(r *http.Request) {
	r2, ctx := new(http.Request), 1
	scope.Get(context.Background(), url) // want `and r.Context\(\) does`
	_, _ = r2, ctx
}

func noneWasGiven(ctx context.Context, r *http.Request) {
	if ctx == nil {
		ctx = scope.Set(context.Background(), url, "x")
	} else {
		scope.Get(context.Background(), url) // want `carries no scope`
	}
	if ctx != nil {
		scope.Get(context.Background(), url) // want `carries no scope`
	} else if url.Get() == "" {
		scope.Get(context.Background(), url)
	}
	if r == nil {
		scope.Get(context.Background(), url) // want `and ctx does`
	}
}

func notYetDeclared(ctx context.Context) {
	scope.Get(context.Background(), url) // want `carries no scope`
	later := scope.Set(ctx, url, "x")
	_ = later
}

func fine(ctx context.Context, r *http.Request) {
	scope.Get(ctx, url)
	scope.Get(context.WithoutCancel(ctx), url)
	scope.Go(scope.Detach(context.Background()), func(context.Context) {})
	go func() { scope.Get(context.Background(), url) }()
	defer func() { scope.Get(context.Background(), url) }()
	time.AfterFunc(0, func() { scope.Get(context.Background(), url) })
	work(context.Background())
	scope.Run(ctx, func(context.Context) { scope.Get(context.Background(), url) })
}

func noContext() { scope.Get(context.Background(), url) }

func declined(_ context.Context) { scope.Get(context.Background(), url) }

func local() {
	ctx := scope.Set(context.Background(), url, "x")
	scope.Get(ctx, url)
}

var initialised = scope.Get(context.Background(), url)

func work(context.Context) {}
