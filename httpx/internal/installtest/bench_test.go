package installtest

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// What a request to a fake on loopback costs: through a transport of this
// package, which is what Install costs, and through the hooked one. The first
// request of a scope opens a connection to the fake, but where it is wrapped.
func BenchmarkRequest(b *testing.B) {
	fake := serve(b, says("fake"))
	plain := &http.Client{Transport: httpx.Wrap(original)}
	b.Cleanup(original.CloseIdleConnections)
	for _, bm := range []struct {
		name, url string
		client    *http.Client
		fresh     bool // a scope for each request
	}{
		{"wrapped", "https://api.test", plain, false},
		{"hooked/http", "http://api.test", http.DefaultClient, false},
		{"hooked/https", "https://api.test", http.DefaultClient, false},
		{"first_of_a_scope/wrapped", "https://api.test", plain, true},
		{"first_of_a_scope/hooked/http", "http://api.test", http.DefaultClient, true},
		{"first_of_a_scope/hooked/https", "https://api.test", http.DefaultClient, true},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			ctx, end := scoped(fake.URL)
			defer func() { end() }()
			for b.Loop() {
				if bm.fresh {
					end()
					ctx, end = scoped(fake.URL)
				}
				require.Equal(b, "fake", get(ctx, bm.client, bm.url))
			}
		})
	}
}

func scoped(target string) (context.Context, func()) {
	ctx, end := scope.New(context.Background(), "bench")
	return scope.With(ctx, httpx.Route("api.test", target)), end
}
