package httpxtest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestServerAnswersAtItsURL(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	s.Expect("GET /users/{login}").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello %s", r.PathValue("login"))
	})
	resp, err := s.Client().Get(s.URL + "/users/octocat")
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "Hello octocat", string(body))
}

func TestMockAnswersForItsHostAsItWasAsked(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	gh.Expect("GET /users/octocat").ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "api.github.com", r.Host)
		assert.NotContains(t, r.Header, "X-Forwarded-Host")
		w.WriteHeader(http.StatusTeapot)
	})
	assert.Equal(t, http.StatusTeapot, get(t, "https://api.github.com/users/octocat").status)
}

func TestSeveralServersInOneTest(t *testing.T) {
	t.Parallel()
	for host, url := range map[string]string{
		"api.github.com": "https://api.github.com/", "uploads.github.com": "http://uploads.github.com/",
		"*.example.com": "https://a.b.example.com:8443/", "example.com:8080": "http://example.com:8080/",
	} {
		httpxtest.Mock(t, host).Expect("GET /").Reply(httpxtest.Text(200, host))
		defer func() { assert.Equal(t, reply{200, host}, get(t, url)) }()
	}
}

func TestMockRefusesWhatHasNoRoute(t *testing.T) {
	t.Parallel()
	world := httpxtest.NewServer(t)
	scopetest.With(t, httpx.Unrouted.Bind(httpx.Allow))
	gh := httpxtest.Mock(t, "api.github.com")

	_, err := try(scopetest.Context(t), "GET", world.URL+"/users/octocat", "")

	require.ErrorIs(t, err, httpx.ErrRefused)
	assert.ErrorContains(t, err, `scope "TestMockRefusesWhatHasNoRoute"`)
	assert.ErrorContains(t, err, "api.github.com → fake at "+gh.URL)
	assert.Empty(t, world.Requests())
}

func TestAllowUnroutedLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	world := httpxtest.NewServer(t)
	world.Expect("GET /").Reply(httpxtest.Text(200, "the world"))
	scopetest.With(t, httpx.Unrouted.Bind(httpx.Allow))
	gh := httpxtest.Mock(t, "api.github.com", httpxtest.AllowUnrouted())
	gh.Expect("GET /").Reply(httpxtest.Text(200, "GitHub"))
	assert.Equal(t, "the world", get(t, world.URL).body)
	assert.Equal(t, "GitHub", get(t, "https://api.github.com").body)
}

func TestMockIsForItsTestAlone(t *testing.T) {
	t.Parallel()
	for n := range 100 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			gh := httpxtest.Mock(t, "api.github.com")
			user := gh.Stub("GET /users/octocat").Reply(httpxtest.JSON(200, n))
			want := reply{200, fmt.Sprintln(n)}
			ctx := scopetest.Context(t)

			// Goroutines that have the test's context reach its server with every carrier, those that have nothing
			// but their birth reach it where goroutines inherit, and are refused elsewhere.
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					got, err := try(ctx, "GET", "https://api.github.com/users/octocat", "")
					assert.NoError(t, err)
					assert.Equal(t, want, got)
				})
				all.Go(func() {
					got, err := try(context.Background(), "GET", "https://api.github.com/users/octocat", "")
					if scope.Carrier() == "gls" {
						assert.ErrorIs(t, err, httpx.ErrRefused)
						return
					}
					assert.NoError(t, err)
					assert.Equal(t, want, got)
				})
			}
			all.Wait()
			if scope.Carrier() == "gls" {
				assert.Equal(t, 3, user.Count())
			} else {
				assert.Equal(t, 6, user.Count())
			}
		})
	}
}

// What was answered when the server ends also arrives: package http writes an answer
// out after its handler has returned.
func TestEndWaitsForRequestsInFlight(t *testing.T) {
	t.Parallel()
	const clients = 8
	for name, opts := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				var got [clients]reply
				var errs [clients]error
				assertPasses(t, func(t testing.TB) {
					var received, answered sync.WaitGroup
					received.Add(clients)
					release := make(chan struct{})
					t.Cleanup(answered.Wait) // after the server's end
					gh := httpxtest.Mock(t, "api.github.com", opts...)
					t.Cleanup(func() { close(release) }) // before it
					gh.Expect("GET /slow").Times(clients).ReplyFunc(func(w http.ResponseWriter, r *http.Request) {
						received.Done()
						<-release
						_, _ = io.WriteString(w, "at last")
					})
					ctx := context.WithoutCancel(scopetest.Context(t))
					for i := range clients {
						answered.Go(func() { got[i], errs[i] = try(ctx, "GET", "https://api.github.com/slow", "") })
					}
					received.Wait()
				})
				for i := range clients {
					require.NoError(t, errs[i])
					assert.Equal(t, reply{200, "at last"}, got[i])
				}
			}
		})
	}
}

func TestMockAnswersInLaterCleanups(t *testing.T) {
	t.Parallel()
	var got reply
	assertPasses(t, func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("DELETE /session").Reply(httpxtest.Status(http.StatusNoContent))
		ctx := context.WithoutCancel(scopetest.Context(t))
		t.Cleanup(func() {
			var err error
			got, err = try(ctx, "DELETE", "https://api.github.com/session", "")
			assert.NoError(t, err)
		})
	})
	assert.Equal(t, http.StatusNoContent, got.status)
}

func TestRequestAfterTheEndIsNotSent(t *testing.T) {
	t.Parallel()
	var ctx context.Context
	assertPasses(t, func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Stub("/")
		ctx = context.WithoutCancel(scopetest.Context(t))
	})
	_, err := try(ctx, "GET", "https://api.github.com/users/octocat", "")
	require.ErrorIs(t, err, scope.ErrEnded)
	assert.ErrorContains(t, err, `scope "TestProfile" has ended`)
}

func TestServerIsUsedByManyGoroutines(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	ctx := scopetest.Context(t)
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			gh.Stub(fmt.Sprintf("GET /users/user%d", n)).Reply(httpxtest.Text(200, fmt.Sprint(n)))
			got, err := try(ctx, "GET", fmt.Sprintf("https://api.github.com/users/user%d", n), "")
			assert.NoError(t, err)
			assert.Equal(t, reply{200, fmt.Sprint(n)}, got)
			gh.Requests()
		})
	}
	require.NoError(t, gh.Wait(ctx, 20))
	all.Wait()
	assert.Len(t, gh.Requests(), 20)
}

func TestMockTakesLinksToItself(t *testing.T) {
	t.Parallel()
	for name, opts := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httpxtest.Mock(t, "api.github.com", opts...)
			s.Expect("GET /page/1").Reply(httpxtest.Redirect(302, s.URL+"/page/2"))
			s.Expect("GET /page/2").Reply(httpxtest.Text(200, "second"))

			resp, err := fetchIn(t, scopetest.Context(t), "https://api.github.com/page/1")

			require.NoError(t, err)
			assert.Equal(t, 200, resp.StatusCode)
		})
	}
}

// The proxy that serves clones ends with the test: goleak in TestMain would tell.
func TestMockAnswersAClone(t *testing.T) {
	t.Parallel()
	fake := httpxtest.Mock(t, "api.github.com")
	fake.Expect("GET /users/{login}").Reply(httpxtest.Text(200, "octocat"))
	clone := http.DefaultTransport.(*http.Transport).Clone()
	defer clone.CloseIdleConnections()
	req, err := http.NewRequestWithContext(scopetest.Context(t), http.MethodGet, "https://api.github.com/users/octocat", nil)
	require.NoError(t, err)
	resp, err := (&http.Client{Transport: clone}).Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "octocat", string(body))
}
