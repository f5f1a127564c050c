package installtest

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// A program may change http.DefaultTransport before Install and after, and may call
// Install any number of times.
func TestSwapsAndInstallsInAnyOrder(t *testing.T) {
	swap := func() { http.DefaultTransport = httpx.Wrap(http.DefaultTransport) }
	zero := func() { http.DefaultTransport = new(httpx.Transport) }
	wrapped := func() { http.DefaultTransport = wrapper{http.DefaultTransport} }
	other := func() { http.DefaultTransport = new(http.Transport) }
	cloned := func() { http.DefaultTransport = clone() }
	noProxy := func() { http.DefaultTransport.(*http.Transport).Proxy = nil }
	var undo []func()
	install := func() { undo = append(undo, httpx.Install()) }
	for name, steps := range map[string][]func(){
		"swap":                           {swap},
		"swap, install":                  {swap, install},
		"install, swap":                  {install, swap},
		"install, swap, install":         {install, swap, install},
		"swap, install, swap, install":   {swap, install, swap, install},
		"swap, swap, install, install":   {swap, swap, install, install},
		"zero, install":                  {zero, install},
		"install, zero":                  {install, zero},
		"install, zero, swap, install":   {install, zero, swap, install},
		"install, a wrapper":             {install, wrapped},
		"a wrapper, install":             {wrapped, install},
		"install, a wrapper, install":    {install, wrapped, install},
		"install, another, install":      {install, other, install},
		"install, a clone":               {install, cloned},
		"install, a clone, install":      {install, cloned, install},
		"install, no proxy, install":     {install, noProxy, install},
		"install, a wrapper, swap":       {install, wrapped, swap},
		"install, swap, a wrapper, swap": {install, swap, wrapped, swap},
	} {
		t.Run(name, func(t *testing.T) {
			uninstalled(t)
			for _, step := range steps {
				step()
			}
			a, b, c := serve(t, says("a")), serve(t, says("b")), serve(t, says("c"))
			// If its route were looked up twice, a request for a would arrive at c.
			inJob(t, func(ctx context.Context) {
				assert.Equal(t, "b", get(ctx, http.DefaultClient, a.URL))
				assert.Equal(t, "b", get(ctx, httpx.Client(), a.URL))
				assert.Equal(t, "b", get(ctx, http.DefaultClient, "https://api.test"))
				assert.Equal(t, "c", get(ctx, http.DefaultClient, c.URL), "unrouted")
			}, httpx.Route(parse(t, a.URL).Host, b.URL), httpx.Route("api.test", b.URL), httpx.Route("other.test", c.URL))
			inJob(t, func(ctx context.Context) {
				_, err := http.DefaultClient.Do(request(t, ctx, http.MethodGet, "https://api.test", nil))
				assert.ErrorIs(t, err, httpx.ErrRefused)
			}, httpx.Unrouted.Bind(httpx.Refuse))
			for _, f := range undo {
				f()
			}
			undo = nil
			original.CloseIdleConnections()
			original.Proxy = http.ProxyFromEnvironment
			if t, ok := http.DefaultTransport.(*http.Transport); ok {
				t.CloseIdleConnections()
			}
		})
	}
}

// inJob runs f in a scope with a lifetime of its own, as a test has.
func inJob(t *testing.T, f func(ctx context.Context), b ...scope.Binding) {
	t.Helper()
	ctx, end := scope.New(t.Context(), "Job")
	defer end()
	f(scope.With(ctx, b...))
}
