// Package strict is tests of httpxtest.Main.
package strict

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		os.Unsetenv(name)
		os.Unsetenv(strings.ToLower(name))
	}
	httpxtest.Main(m)
}

func TestMainSetsTheDefaults(t *testing.T) {
	t.Parallel()
	assert.Equal(t, httpx.RefuseRemote, httpx.Unrouted.Default())
	assert.True(t, httpx.SendToken.Default())
	_, err := http.Get("https://api.github.invalid")
	assert.ErrorIs(t, err, httpx.ErrRefused)
}

// one line in TestMain, and a server that all tests share serves each in its scope.
func TestRequestsToASharedServerJoinTheTest(t *testing.T) {
	t.Parallel()
	if scope.Carrier() != "labels" {
		t.Skip("the request has no context")
	}
	key := scope.NewKey("key", "default")
	started := make(chan *httptest.Server)
	scope.Go(scope.Detach(t.Context()), func(context.Context) {
		started <- httptest.NewServer(httpx.Adopt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, key.Get()) })))
	})
	shared := <-started
	t.Cleanup(shared.Close)
	for _, name := range []string{"one", "other"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scopetest.Set(t, key, name)
			resp, err := http.Get(shared.URL)
			require.NoError(t, err)
			defer resp.Body.Close()
			b, _ := io.ReadAll(resp.Body)
			assert.Equal(t, name, string(b))
		})
	}
}

// A client that brings its own transport asks the environment for a proxy.
func TestTheGuardRefusesAClientWithATransportOfItsOwn(t *testing.T) {
	t.Parallel()
	own := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	for _, url := range []string{"http://api.github.invalid/zen", "https://api.github.invalid/zen"} {
		_, err := own.Get(url)
		assert.ErrorContains(t, err, "httpxtest refused api.github.invalid", url)
		assert.ErrorContains(t, err, "httpx.Wrap", url)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	resp, err := own.Get(server.URL)
	require.NoError(t, err, "this machine is no matter of proxies")
	resp.Body.Close()
}

// What a test lets go is not the guard's matter.
func TestTheGuardIsNotInTheWayOfWhatATestAllows(t *testing.T) {
	t.Parallel()
	ctx := scopetest.With(t, httpx.Unrouted.Bind(httpx.Allow))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://api.github.invalid/", nil)
	require.NoError(t, err)
	_, err = http.DefaultClient.Do(req)
	assert.ErrorContains(t, err, "no such host", "it was looked up")
}
