package outerscope

import (
	"context"
	"net/http"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
)

var tenant = scope.NewKey("tenant", "")

func use(context.Context, ...any) {}

func wrong(w http.ResponseWriter, r *http.Request) {
	ctx := scope.Set(r.Context(), tenant, "acme")
	use(ctx, tenant.Get())                                     // want `scope.Key.Get reads the goroutine's scope, which scope.Set at outerscope.go:16 has not changed: pass its context, or use scope.Run`
	http.Get("https://a.example")                              // want `http.Get reads the goroutine's scope`
	req, _ := http.NewRequest("GET", "https://a.example", nil) // want `http.NewRequest reads the goroutine's scope`
	http.DefaultClient.Do(req)
}

func wrongEnv(ctx context.Context, client *http.Client) {
	ctx = env.Set(ctx, "A", "b")
	use(ctx, env.Getenv("A"))       // want `env.Getenv reads the goroutine's scope, which env.Set`
	client.Get("https://a.example") // want `http.Client.Get reads the goroutine's scope`
}

func right(ctx context.Context) {
	use(ctx, tenant.Get()) // before
	ctx = scope.Set(ctx, tenant, "acme")
	use(ctx, scope.Get(ctx, tenant))
	scope.Run(ctx, func(context.Context) { use(ctx, tenant.Get()) })
	req, _ := http.NewRequestWithContext(ctx, "GET", "https://a.example", nil)
	http.DefaultClient.Do(req)
}

func attached(ctx context.Context) {
	ctx = scope.Set(ctx, tenant, "acme")
	defer scope.Attach(ctx)()
	use(ctx, tenant.Get())
}

func start() {
	ctx, end := scope.New(context.Background(), "job") // the program's own
	defer end()
	use(ctx, tenant.Get())
}

func meant(ctx context.Context) {
	inner := scope.Set(ctx, tenant, "acme")
	use(inner, tenant.Get()) //scopevet:ignore the outer tenant is what is wanted
}
