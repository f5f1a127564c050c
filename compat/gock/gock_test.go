package gock_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/compat/gock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fetch is code under test. With the gls carrier it needs the test's context.
func fetch(t testing.TB, client *http.Client, url string) (string, error) {
	ctx := context.Background()
	if scope.Carrier() != "labels" {
		ctx = gock.Context(t)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func text(t testing.TB, url string) string {
	got, err := fetch(t, http.DefaultClient, url)
	if err != nil {
		return err.Error()
	}
	return got
}

// in runs f in a place that finds the test's store, with every carrier.
func in(t testing.TB, f func()) {
	gock.Start(t)
	scope.Run(gock.Context(t), func(context.Context) { f() })
}

const server = "https://api.server.example"

func TestParallelTestsHaveTheirOwnMocks(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			in(t, func() {
				mine := fmt.Sprint("test ", i)
				gock.New(server).Get("/bar").Times(3).Reply(200).BodyString(mine)
				assert.True(t, gock.IsPending())
				for range 3 {
					assert.Equal(t, mine, text(t, server+"/bar"))
				}
				assert.True(t, gock.IsDone())
				assert.Empty(t, gock.GetAll())
			})
		})
	}
}

func TestARequestThatNoMockTakesFailsAsInTheOriginal(t *testing.T) {
	t.Parallel()
	in(t, func() {
		gock.New(server).Get("/bar").MatchHeader("X", "y").Reply(200)
		_, err := fetch(t, http.DefaultClient, server+"/bar")
		assert.True(t, errors.Is(err, gock.ErrCannotMatch), "%v", err)
		require.True(t, gock.HasUnmatchedRequest())
		assert.Equal(t, "/bar", gock.GetUnmatchedRequests()[0].URL.Path)
		gock.CleanUnmatchedRequest()
		assert.False(t, gock.HasUnmatchedRequest())
		assert.Len(t, gock.Pending(), 1)
		mock := gock.Pending()[0]
		assert.True(t, gock.Exists(mock))
		gock.Remove(mock)
		assert.False(t, gock.Exists(mock))
		gock.Register(mock)
		gock.Register(mock)
		assert.Len(t, gock.GetAll(), 1)
		mock.Disable()
		gock.Clean()
		assert.Empty(t, gock.GetAll())
	})
}

func TestNetworkingIsTheTests(t *testing.T) {
	t.Parallel()
	real := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Real", "1")
		io.WriteString(w, "real "+r.URL.Path)
	}))
	t.Cleanup(real.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	t.Run("enabled", func(t *testing.T) {
		t.Parallel()
		in(t, func() {
			gock.EnableNetworking()
			assert.Equal(t, "real /a", text(t, real.URL+"/a"))
			gock.NetworkingFilter(func(r *http.Request) bool { return r.URL.Path != "/no" })
			assert.Contains(t, text(t, real.URL+"/no"), "cannot match")
			gock.DisableNetworkingFilters()
			assert.Equal(t, "real /no", text(t, real.URL+"/no"))
			gock.DisableNetworking()
			assert.Contains(t, text(t, real.URL+"/a"), "cannot match")
		})
	})
	t.Run("for one mock", func(t *testing.T) {
		t.Parallel()
		in(t, func() {
			gock.New(real.URL).Get("/a").EnableNetworking().Reply(201).SetHeader("X-Mock", "1")
			assert.Equal(t, "real /a", text(t, real.URL+"/a"))
		})
	})
	t.Run("disabled", func(t *testing.T) {
		t.Parallel()
		in(t, func() { assert.Contains(t, text(t, real.URL+"/a"), "cannot match") })
	})
	t.Run("not intercepting", func(t *testing.T) {
		t.Parallel()
		in(t, func() {
			assert.True(t, gock.Intercepting())
			gock.New(real.URL).Get("/a").Persist().Reply(200).BodyString("mock")
			assert.Equal(t, "mock", text(t, real.URL+"/a"))
			gock.Disable()
			assert.False(t, gock.Intercepting())
			assert.Equal(t, "real /a", text(t, real.URL+"/a"))
			gock.Intercept()
			assert.Equal(t, "mock", text(t, real.URL+"/a"))
			gock.OffAll()
			assert.Empty(t, gock.GetAll())
			assert.Equal(t, "real /a", text(t, real.URL+"/a"))
		})
	})
}

func TestAClientOfItsOwn(t *testing.T) {
	t.Parallel()
	in(t, func() {
		own := &http.Transport{}
		client := &http.Client{Transport: own}
		gock.InterceptClient(client)
		gock.InterceptClient(client)
		gock.New(server).Get("/bar").Reply(200).JSON(map[string]string{"foo": "bar"})
		got, err := fetch(t, client, server+"/bar")
		require.NoError(t, err)
		assert.JSONEq(t, `{"foo":"bar"}`, got)
		gock.RestoreClient(client)
		assert.True(t, client.Transport == http.RoundTripper(own))
		gock.New(server).Get("/baz").Reply(200).BodyString("baz")
		got, err = fetch(t, &http.Client{Transport: gock.NewTransport()}, server+"/baz")
		require.NoError(t, err)
		assert.Equal(t, "baz", got)
	})
}

func TestObserveAndMatchMock(t *testing.T) {
	t.Parallel()
	in(t, func() {
		var seen []string
		gock.Observe(func(r *http.Request, m gock.Mock) {
			seen = append(seen, fmt.Sprint(r.URL.Path, m != nil, gock.IsDone()))
		})
		gock.New(server).Post("/bar").BodyString("body").Reply(200)
		req, err := http.NewRequestWithContext(gock.Context(t), http.MethodPost, server+"/bar", strings.NewReader("body"))
		require.NoError(t, err)
		m, err := gock.MatchMock(req)
		require.NoError(t, err)
		assert.NotNil(t, m)
		text(t, server+"/other")
		assert.Len(t, seen, 1)
		gock.Flush()
		assert.Empty(t, gock.GetAll())
		gock.Off()
	})
}

func TestASubtestUsesItsParentsUnlessItHasItsOwn(t *testing.T) {
	t.Parallel()
	in(t, func() {
		gock.New(server).Get("/bar").Persist().Reply(200).BodyString("the parent's")
		t.Run("inherits", func(t *testing.T) { assert.Equal(t, "the parent's", text(t, server+"/bar")) })
		t.Run("own", func(t *testing.T) {
			in(t, func() { assert.Contains(t, text(t, server+"/bar"), "cannot match") })
		})
	})
}

func TestOutsideOfATestPanicsInWords(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	scope.Go(scope.Detach(t.Context()), func(context.Context) {
		defer close(done)
		assert.PanicsWithValue(t, "gock: Intercept in no test that has called gock.Start(t)", func() { gock.New(server) })
		assert.False(t, gock.Intercepting())
	})
	<-done
}
