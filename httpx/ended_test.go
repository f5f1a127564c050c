package httpx_test

import (
	"bytes"
	"context"
	"net/http"
	"runtime"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// outlive returns the result of ask on a goroutine of ctx's scope, after that scope has
// ended.
func outlive(ctx context.Context, end func(), ask func() string) string {
	ended, answer := make(chan struct{}), make(chan string)
	scope.Go(ctx, func(context.Context) {
		<-ended
		answer <- ask()
	})
	end()
	close(ended)
	return <-answer
}

func TestGoroutineThatOutlivesItsScopeSendsNothing(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]scope.Binding{
		"nothing bound": nil,
		"routed":        {httpx.Route("*", down)},
		"handler": {httpx.RouteHandler("*", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			t.Error("the handler was called")
		}))},
		"allowed": {httpx.Unrouted.Bind(httpx.Allow)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			real, fake := serve(t, says("real")), serve(t, says("fake"))
			ctx, end := scope.New(t.Context(), "Outlived")
			ctx = scope.With(ctx, append(b, httpx.Route(real.host(), fake.URL))...)
			got := outlive(ctx, end, func() string { return text(http.Get(real.URL + "/users/x")) })
			want := `Get "` + real.URL + `/users/x": httpx: GET ` + real.URL + `/users/x: scope "Outlived" has ended`
			assert.Equal(t, want, got, "http.Get on the goroutine")
			assert.Equal(t, want, byWorker(ctx, real.URL+"/users/x"), "the context on another goroutine")
			assert.Zero(t, real.conns.Load()+fake.conns.Load(), "connections")
		})
	}
}

func TestRequestOfAnEndedScopeIsErrEnded(t *testing.T) {
	t.Parallel()
	outer, end := scope.New(t.Context(), "Outer")
	inner, endInner := scope.New(outer, "inner")
	defer endInner()
	end()
	req := request(t, inner, http.MethodPost, "https://api.test/", nil)
	for _, client := range []*http.Client{http.DefaultClient, wrapped(t), httpx.Client()} {
		_, err := client.Do(req)
		require.ErrorIs(t, err, scope.ErrEnded)
		assert.EqualError(t, err, `Post "https://api.test/": httpx: POST https://api.test/: scope "Outer/inner" has ended`)
	}
}

// A request may be under way when its scope ends. A server on a socket still answers it. The connections of a handler
// in memory are the scope's, and end with it.
func TestRequestUnderWayAtTheEndOfItsScope(t *testing.T) {
	t.Parallel()
	received, goOn := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		received <- struct{}{}
		<-goOn
		_, _ = w.Write([]byte("answered"))
	})
	socket := serve(t, h)
	for _, c := range []struct {
		name  string
		route scope.Binding
		want  string
	}{
		{"socket", httpx.Route("api.test", socket.URL), "answered"},
		{"memory", httpx.RouteHandler("api.test", h), `Get "http://api.test/": EOF`},
	} {
		ctx, end := scope.New(t.Context(), c.name)
		ctx = scope.With(ctx, c.route)
		got := make(chan string, 1)
		go func() { got <- get(ctx, http.DefaultClient, "http://api.test/") }()
		<-received
		end()
		if c.name == "memory" {
			assert.Equal(t, c.want, <-got)
			goOn <- struct{}{}
			continue
		}
		goOn <- struct{}{}
		assert.Equal(t, c.want, <-got)
	}
}

func TestGoroutineOfADetachedContextOutlivesTheScope(t *testing.T) {
	t.Parallel()
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	ctx, end := scope.New(t.Context(), "Outlived")
	ctx = scope.With(ctx, httpx.Route(real.host(), fake.URL))
	got := outlive(scope.Detach(ctx), end, func() string { return text(http.Get(real.URL)) })
	assert.Equal(t, "real", got)
}

func TestRouteOfALiveScopeIsReachedAfterAnInnerOneEnded(t *testing.T) {
	t.Parallel()
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	inScope(t, func(ctx context.Context) {
		inner, end := scope.New(ctx, "inner")
		scope.Run(inner, func(context.Context) {})
		end()
		assert.Equal(t, "fake", text(http.Get(real.URL)))
	}, httpx.Route(real.host(), fake.URL))
}

// The goroutines of an idle connection have the label of the request that dialled it, as
// long as the connection lasts. They must not keep the scope's values alive.
func TestWhatAScopeHeldIsCollectedWithAConnectionStillOpen(t *testing.T) {
	t.Parallel()
	type large [1 << 20]byte
	key := scope.NewKey[*large]("test.large", nil)
	fake := serve(t, says("fake"))
	client := wrapped(t) // its connections outlast the scope
	collected := make(chan struct{})

	func() { // so that nothing here is on this goroutine's stack later
		held := new(large)
		runtime.AddCleanup(held, func(struct{}) { close(collected) }, struct{}{})
		ctx, end := scope.New(t.Context(), "HoldsMuch")
		defer end()
		ctx = scope.With(ctx, key.Bind(held), httpx.Route("api.test", fake.URL))
		scope.Run(ctx, func(ctx context.Context) {
			assert.Equal(t, "fake", get(ctx, client, "http://api.test/"))
		})
	}()

	if labels() {
		var profile bytes.Buffer
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
		assert.Contains(t, profile.String(), `"scope":"HoldsMuch"`, "no goroutine carries the scope's label any more")
	}
	assert.True(t, eventually(collected), "what the scope held is still reachable")
	assert.Equal(t, "fake", get(t.Context(), client, fake.URL))
	assert.EqualValues(t, 1, fake.conns.Load(), "connections: the first was to stay open")
}

// eventually collects garbage until done is closed, and reports whether that happened.
func eventually(done <-chan struct{}) bool {
	for range 1000 {
		runtime.GC()
		select {
		case <-done:
			return true
		default:
		}
	}
	return false
}
