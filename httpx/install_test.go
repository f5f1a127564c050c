package httpx_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// original is http.DefaultTransport as it was before TestMain.
var original = http.DefaultTransport

// uninstalled undoes the Install of TestMain until the test ends. The default transport
// is global, so the test can't be parallel.
func uninstalled(t *testing.T) {
	t.Setenv("HTTPX_TEST_SERIAL", "1")
	uninstall()
	require.True(t, http.DefaultTransport == original)
	t.Cleanup(func() {
		http.DefaultTransport = original
		uninstall = httpx.Install()
	})
}

func TestInstallCounts(t *testing.T) {
	uninstalled(t)
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	ctx := scope.With(t.Context(), httpx.Route(real.host(), fake.URL))
	answers := func(want string) {
		t.Helper()
		assert.Equal(t, want, get(ctx, http.DefaultClient, real.URL))
		assert.True(t, http.DefaultTransport == original, "its value and its type stay")
	}
	answers("real")
	first := httpx.Install()
	answers("fake")
	second := httpx.Install()
	first()
	first() // again, to no effect
	answers("fake")
	second()
	answers("real")
	second()
	answers("real")
	original.(*http.Transport).CloseIdleConnections()
}

func TestInstallAfterUninstallWorksAgain(t *testing.T) {
	uninstalled(t)
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	ctx := scope.With(t.Context(), httpx.Route(real.host(), fake.URL))
	for range 2 {
		assert.Equal(t, "real", get(ctx, http.DefaultClient, real.URL))
		undo := httpx.Install()
		assert.Equal(t, "fake", get(ctx, http.DefaultClient, real.URL))
		undo()
	}
	original.(*http.Transport).CloseIdleConnections()
}

func TestUninstallLeavesWhatReplacedItSince(t *testing.T) {
	uninstalled(t)
	undo := httpx.Install()
	others := &http.Transport{}
	http.DefaultTransport = others
	undo()
	assert.True(t, http.DefaultTransport == others)
}

func TestInstallSendsThroughAnOriginalOfAnotherType(t *testing.T) {
	uninstalled(t)
	http.DefaultTransport = wordly
	defer httpx.Install()()
	assert.Equal(t, "api", get(t.Context(), http.DefaultClient, "http://api.test/"))
	ctx := scope.With(t.Context(), httpx.Route("api.test", "http://fake.test"))
	assert.Equal(t, "fake", get(ctx, http.DefaultClient, "http://api.test/"))
}

// A Transport may stand where Install puts one, and Install above it.
func TestTransportAsTheDefaultTransportDecidesOnce(t *testing.T) {
	uninstalled(t)
	real, fake := serve(t, says("real")), serve(t, says("fake"))
	ctx := scope.With(t.Context(), httpx.Route(real.host(), fake.URL))
	check := func(t *testing.T) {
		assert.Equal(t, "fake", get(ctx, http.DefaultClient, real.URL))
		assert.Equal(t, "real", get(t.Context(), http.DefaultClient, real.URL))
		assert.Equal(t, "fake", get(ctx, httpx.Client(), real.URL))
	}
	for name, rt := range map[string]http.RoundTripper{
		"zero":    new(httpx.Transport),
		"wrapped": httpx.Wrap(original),
	} {
		http.DefaultTransport = rt
		t.Run(name, check)
		undo := httpx.Install()
		t.Run(name+", installed", check)
		undo()
		assert.True(t, http.DefaultTransport == rt, "what was there comes back")
	}
	original.(*http.Transport).CloseIdleConnections()
}

func TestClientsWithATransportOfTheirOwnFollowTheRoutesOnce(t *testing.T) {
	t.Parallel()
	a, b, c := serve(t, says("a")), serve(t, says("b")), serve(t, says("c"))
	// If its route were looked up twice, a request for a would arrive at c.
	ctx := scope.With(t.Context(), httpx.Route(a.host(), b.URL), httpx.Route(b.host(), c.URL))
	for name, rt := range map[string]http.RoundTripper{
		"installed":          http.DefaultTransport,
		"wrapped":            httpx.Wrap(plain(t)),
		"wrapped twice":      httpx.Wrap(httpx.Wrap(plain(t))),
		"installed, wrapped": httpx.Wrap(http.DefaultTransport),
		"nil, wrapped":       httpx.Wrap(nil),
		"zero":               new(httpx.Transport),
		"zero, wrapped":      httpx.Wrap(new(httpx.Transport)),
		"Client":             httpx.Client().Transport,
	} {
		assert.Equal(t, "b", get(ctx, &http.Client{Transport: rt}, a.URL), name)
	}
}

// states starts a server that sends the states of its connections to a channel.
func states(t *testing.T) (*httptest.Server, <-chan http.ConnState) {
	seen := make(chan http.ConnState, 100)
	s := httptest.NewUnstartedServer(says("fake"))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) { seen <- state }
	s.Start()
	t.Cleanup(s.Close)
	return s, seen
}

// await waits for a state, and returns the states before it.
func await(seen <-chan http.ConnState, want http.ConnState) (before []http.ConnState) {
	for state := range seen {
		if state == want {
			return before
		}
		before = append(before, state)
	}
	return before
}

func TestEachScopesConnectionsAreItsOwnAndCloseAtItsEnd(t *testing.T) {
	t.Parallel()
	fake, seen := states(t)
	for _, client := range []*http.Client{http.DefaultClient, httpx.Client(), {Transport: httpx.Wrap(http.DefaultTransport)}} {
		ctx, end := scope.New(t.Context(), "Job")
		ctx = scope.With(ctx, httpx.Route("api.test", fake.URL))
		for range 3 {
			assert.Equal(t, "fake", get(ctx, client, "http://api.test/"))
		}
		end()
		before := await(seen, http.StateClosed)
		assert.Len(t, connsOf(before), 1, "new connections: one that was used three times, then closed")
	}
}

func connsOf(states []http.ConnState) (opened []http.ConnState) {
	for _, s := range states {
		if s == http.StateNew {
			opened = append(opened, s)
		}
	}
	return opened
}

func TestUninstallClosesConnectionsOfRequestsWithoutAScope(t *testing.T) {
	uninstalled(t)
	fake, seen := states(t)
	undo := httpx.Install()
	assert.Equal(t, "fake", get(t.Context(), http.DefaultClient, fake.URL))
	undo()
	await(seen, http.StateClosed)
}

func TestWrapPassesCloseIdleConnectionsOn(t *testing.T) {
	t.Parallel()
	fake, seen := states(t)
	client := wrapped(t)
	assert.Equal(t, "fake", get(t.Context(), client, fake.URL))
	client.CloseIdleConnections()
	await(seen, http.StateClosed)

	(&http.Client{Transport: httpx.Wrap(wordly)}).CloseIdleConnections() // has none: no panic
}

func TestCloseIdleConnectionsReachesNoScopes(t *testing.T) {
	t.Parallel()
	fake, seen := states(t)
	ctx, end := scope.New(t.Context(), "Job")
	client := httpx.Client()
	assert.Equal(t, "fake", get(ctx, client, fake.URL))
	client.CloseIdleConnections()
	assert.Equal(t, "fake", get(ctx, client, fake.URL))
	end()
	assert.Len(t, connsOf(await(seen, http.StateClosed)), 1, "it reaches none of a scope's connections")
}

// A test that closes its server must not close another test's connections:
// httptest.Server.Close closes those of the default transport.
func TestServersCloseLeavesASiblingsConnectionsAlone(t *testing.T) {
	uninstalled(t)
	opened := func(ctx context.Context) int64 {
		mine := serve(t, says("mine"))
		assert.Equal(t, "mine", get(ctx, http.DefaultClient, mine.URL))
		serve(t, says("a sibling's")).Close()
		assert.Equal(t, "mine", get(ctx, http.DefaultClient, mine.URL))
		return mine.conns.Load()
	}
	plain := http.DefaultTransport
	http.DefaultTransport = &http.Transport{}
	assert.EqualValues(t, 2, opened(t.Context()), "without us the connection is cut")
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	http.DefaultTransport = plain

	defer httpx.Install()()
	assert.EqualValues(t, 1, opened(t.Context()), "without a scope")
	inScope(t, func(ctx context.Context) {
		assert.EqualValues(t, 1, opened(ctx), "in a test's scope")
	})
}

func TestInstallKeepsTheProtocolsOfTheOriginal(t *testing.T) {
	uninstalled(t)
	original := new(http.Transport)
	original.RegisterProtocol("memo", roundTripper(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusTeapot, Body: http.NoBody, Request: req}, nil
	}))
	http.DefaultTransport = original
	defer httpx.Install()()

	resp, err := http.Get("memo://anything")

	require.NoError(t, err)
	assert.Equal(t, http.StatusTeapot, resp.StatusCode)
}
