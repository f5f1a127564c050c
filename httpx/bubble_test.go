package httpx_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

// A piped server has connections without sockets. So it works in a bubble of
// testing/synctest, where time is fake, and where it does not matter how busy the machine
// is.
type piped struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *piped) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *piped) Close() error {
	close(p.done)
	return nil
}

func (p *piped) Addr() net.Addr { return &net.UnixAddr{Net: "pipe"} }

// pipeTo starts a server in a bubble, and returns a transport that takes every
// host for it, and a function that ends both.
func pipeTo(h http.Handler) (tr *http.Transport, stop func()) {
	p := &piped{make(chan net.Conn), make(chan struct{})}
	s := &http.Server{Handler: h}
	go s.Serve(p)
	tr = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		p.conns <- server
		return client, nil
	}}
	return tr, func() {
		tr.CloseIdleConnections()
		s.Close()
	}
}

// ways has the ways to reach a handler at http://api.test: without this package, with it
// but unrouted, and with each kind of route. tr is the result of pipeTo for the handler.
var ways = map[string]func(tr *http.Transport, h http.Handler) (http.RoundTripper, scope.Binding){
	"plain": func(tr *http.Transport, _ http.Handler) (http.RoundTripper, scope.Binding) {
		return tr, scope.Binding{}
	},
	"unrouted": func(tr *http.Transport, _ http.Handler) (http.RoundTripper, scope.Binding) {
		return httpx.Wrap(tr), scope.Binding{}
	},
	"target": func(tr *http.Transport, _ http.Handler) (http.RoundTripper, scope.Binding) {
		return httpx.Wrap(tr), httpx.Route("api.test", "http://fake.test")
	},
	"handler": func(tr *http.Transport, h http.Handler) (http.RoundTripper, scope.Binding) {
		return httpx.Wrap(tr), httpx.RouteHandler("api.test", h)
	},
	"transport": func(tr *http.Transport, _ http.Handler) (http.RoundTripper, scope.Binding) {
		return httpx.Wrap(roundTripper(nil)), httpx.RouteTransport("api.test", tr)
	},
}

// eachWay runs f in a bubble for each way, with a client for that way and the context to
// send with.
func eachWay(t *testing.T, h http.HandlerFunc, f func(t *testing.T, client *http.Client, ctx context.Context)) {
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tr, stop := pipeTo(h)
				defer stop()
				rt, b := way(tr, h)
				f(t, &http.Client{Transport: rt}, scope.With(t.Context(), b))
			})
		})
	}
}

// A scope's connections in memory end with the scope. If that is outside of the bubble, the bubble's requests need
// their own.
func TestAHandlerOfAScopeFromOutsideABubble(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("answered")) })
	outer, end := scope.New(t.Context(), "outer")
	defer end()
	outer = scope.With(outer, httpx.RouteHandler("api.test", h))
	tested := scopetest.With(t, httpx.RouteHandler("api.test", h))
	for _, ctx := range []context.Context{outer, tested} {
		ctx = context.WithoutCancel(ctx) // a bubble must not make the Done channel of a context from outside
		for _, before := range []bool{false, true} {
			if before {
				assert.Equal(t, "answered", get(ctx, http.DefaultClient, "http://api.test/"))
			}
			synctest.Test(t, func(t *testing.T) {
				for range 2 {
					req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.test/", nil)
					require.NoError(t, err)
					assert.Equal(t, "answered", text(httpx.Client().Do(req)))
				}
			})
			assert.Equal(t, "answered", get(ctx, http.DefaultClient, "http://api.test/"))
		}
	}
}
