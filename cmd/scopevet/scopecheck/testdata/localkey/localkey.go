package localkey

import (
	"context"
	"net/http"
	"sync"

	"github.com/scopetree/scope"
)

var url = scope.NewKey("url", "")

func set(ctx context.Context) context.Context {
	key := scope.NewKey("key", "") // want `this key is new at each call, and nothing else can find it: make it a package-level variable`
	return scope.Set(ctx, key, "x")
}

func several(ctx context.Context) {
	var a, b = scope.NewKey("a", 0), scope.NewKeyFunc("b", func() int { return 0 }) // want `this key` `this key`
	ctx = scope.With(ctx, a.Bind(1))
	scope.Get(ctx, b)
}

func onTheSpot(ctx context.Context) context.Context {
	_ = scope.NewKey("key", "").Get()                       // want `this key`
	return scope.Set(ctx, scope.NewKey[any]("key", nil), 1) // want `this key`
}

func resource(ctx context.Context) int {
	r := scope.NewResource(func() int { return 1 }, nil) // want `this resource is new at each call`
	return r.Get(ctx)
}

var handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	key := scope.NewKey("key", "") // want `this key`
	_ = scope.Set(r.Context(), key, "x")
})

func init() {
	key := scope.NewKey("key", "")
	key.SetDefault("x")
	func() {
		_ = scope.NewKey("key", "").Get()
	}()
}

func returned() *scope.Key[string] {
	key := scope.NewKey("key", "")
	key.SetDefault("x")
	return key
}

func named() (key *scope.Key[string]) {
	key = scope.NewKey("key", "")
	return
}

type pool struct{ size *scope.Key[int] }

func newPool() *pool {
	size := scope.NewKey("size", 0)
	return &pool{size: size}
}

var once = sync.OnceValue(func() *scope.Key[int] { return scope.NewKey("key", 0) })

var atOnce = func() string { return scope.NewKey("key", "").Get() }()

var setUp sync.Once

func byOnce() {
	setUp.Do(func() {
		key := scope.NewKey("key", "")
		key.SetDefault("x")
	})
	func() {
		_ = scope.NewKey("key", "").Get() // want `this key`
	}()
}

func captured(next http.Handler) http.Handler {
	tenant := scope.NewKey("tenant", "")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(scope.Set(r.Context(), tenant, "acme")))
	})
}

func handedOn() {
	key := scope.NewKey("key", "")
	keep(key)
	keep(scope.NewKey("key", ""))
}

func global() { url = scope.NewKey("url", "") }

func keep(*scope.Key[string]) {}

func (p *pool) init() {
	p.size = scope.NewKey("size", 0)
}
