package httpxtest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestASecondMockOfAHostIsTheFirst(t *testing.T) {
	t.Parallel()
	first := httpxtest.Mock(t, "api.github.com", httpxtest.HTTP2())
	first.Expect("GET /version").Reply(httpxtest.Text(200, "1.0"))
	second := httpxtest.Mock(t, "API.github.com.")
	second.Expect("GET /items").Reply(httpxtest.Text(200, "[]"))
	assert.Same(t, first, second)
	assert.Same(t, first, httpxtest.Mock(t, "api.github.com", httpxtest.HTTP2()))
	assert.Equal(t, "1.0", get(t, "https://api.github.com/version").body)
	assert.Equal(t, "[]", get(t, "https://api.github.com/items").body)
}

func TestTheReportNamesTheFakeThatShadowsIt(t *testing.T) {
	t.Parallel()
	bound(t)
	f := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Expect("GET /users/{login}")
		rehearse(func(t testing.TB) {
			httpxtest.Mock(t, "API.github.com.").Expect("GET /users/octocat")
			get(t, "https://api.github.com/users/octocat")
		})
	})
	assertGolden(t, "shadowed", f.text())
}

func TestMocksOfAHostAtOnceAreOne(t *testing.T) {
	t.Parallel()
	made := make(chan *httpxtest.Server)
	for range 20 {
		go func() { made <- httpxtest.Mock(t, "api.github.com") }()
	}
	first := <-made
	for range 19 {
		assert.Same(t, first, <-made)
	}
}

// elsewhere calls f on a goroutine in no scope, as a runner's, a pool's or a timer's may be.
func elsewhere(f func()) {
	done := make(chan struct{})
	scope.Go(scope.Detach(context.Background()), func(context.Context) {
		defer close(done)
		f()
	})
	<-done
}

// Serial: reports of tests that run meanwhile list what failed in no scope.
func TestAMockedHostIsRefusedInNoScope(t *testing.T) {
	restore := httpx.Unrouted.SetDefault(httpx.Allow)
	defer restore()
	httpxtest.Mock(t, "api.github.invalid")
	t.Run("another test without a route of its own", func(t *testing.T) {
		elsewhere(func() {
			_, err := http.Get("https://api.github.invalid/users/octocat?token=c4nary")
			require.ErrorIs(t, err, httpx.ErrRefused)
			for _, part := range []string{
				"TestAMockedHostIsRefusedInNoScope has a fake for it, made at fakes_test.go:",
				"scopetest.Context(t)", "httpxtest.Global()",
			} {
				assert.ErrorContains(t, err, part)
			}
			if scope.Carrier() == "labels" { // else a Mock has everything refused that is in no scope
				_, err = http.Get("http://127.0.0.1:1/")
				assert.NotErrorIs(t, err, httpx.ErrRefused, "another host is sent as ever")
			}
		})
	})
}

func TestAMockedHostIsSentInNoScopeAfterTheTest(t *testing.T) {
	bound(t) // else a Mock has everything refused that is in no scope, for good
	restore := httpx.Unrouted.SetDefault(httpx.Allow)
	defer restore()
	f := rehearse(func(t testing.TB) { httpxtest.Mock(t, "127.0.0.1") })
	assert.Empty(t, f.text())
	own := httptest.NewServer(http.NotFoundHandler())
	defer own.Close()
	elsewhere(func() {
		resp, err := http.Get(own.URL)
		require.NoError(t, err)
		resp.Body.Close()
	})
}

func TestTheReportListsWhatFailedInNoScope(t *testing.T) {
	f := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Expect("GET /users/{login}")
		elsewhere(func() { _, _ = http.Get("https://api.github.com/users/octocat") })
	})
	if scope.Carrier() != "labels" {
		assert.Contains(t, f.text(), "scope.Run with that context, since with the carrier gls")
		assert.NotContains(t, f.text(), "before you start")
		return
	}
	assertGolden(t, "nothing-received-in-no-scope", f.text())
}

func TestGlobalAnswersInNoScope(t *testing.T) {
	gh := httpxtest.Mock(t, "api.github.com", httpxtest.Global())
	gh.Expect("GET /users/{login}").Times(2).Reply(httpxtest.Text(200, "octocat"))
	assert.Equal(t, "octocat", get(t, "https://api.github.com/users/octocat").body)
	elsewhere(func() {
		got, err := try(context.Background(), "GET", "https://api.github.com/users/octocat", "")
		require.NoError(t, err)
		assert.Equal(t, "octocat", got.body)
	})
}

func TestGlobalFailsAParallelTest(t *testing.T) {
	t.Parallel()
	f := rehearse(func(f testing.TB) { httpxtest.Mock(parallel{f}, "api.github.com", httpxtest.Global()) })
	assert.Contains(t, f.text(), `httpxtest: Mock("api.github.com") with Global in a parallel test: code in no scope is the whole process's`)
}

// parallel is a test that has called t.Parallel.
type parallel struct{ testing.TB }

func (parallel) Setenv(string, string) { panic("testing: t.Setenv called after t.Parallel") }

// order.md: what a test sets up later is seen by what it started earlier.

// bound skips a test whose code has no context, where no carrier binds a goroutine
// from inside.
func bound(t *testing.T) {
	t.Helper()
	if scope.Carrier() != "labels" {
		t.Skip("needs the labels carrier")
	}
}

func read(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}

func fetch(url string) string {
	resp, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	return resp.Status
}

func TestWhatWasStartedBeforeAMockSeesIt(t *testing.T) {
	t.Parallel()
	bound(t)
	ctx := scopetest.Context(t)
	derived := scope.With(ctx, httpx.RouteHandler("other.example", http.NotFoundHandler()))
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, fetch("https://b.example")) }))
	t.Cleanup(app.Close)
	start, fetched := make(chan struct{}), make(chan string)
	go func() {
		<-start
		fetched <- fetch("https://b.example")
	}()
	a := httpxtest.Mock(t, "a.example")
	a.Stub("/").ReplyFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, fetch("https://b.example")) })
	token := httpx.Token(ctx)

	b := httpxtest.Mock(t, "b.example")
	b.Stub("/").Reply(httpxtest.Status(http.StatusTeapot))

	const want = "418 I'm a teapot"
	resp, err := app.Client().Get(app.URL)
	require.NoError(t, err)
	assert.Equal(t, want, read(t, resp), "a server")
	assert.Equal(t, want, get(t, "https://a.example").body, "a fake's reply")
	close(start)
	assert.Equal(t, want, <-fetched, "a worker")
	for _, ctx := range []context.Context{ctx, derived} {
		got, err := try(ctx, "GET", "https://b.example", "")
		require.NoError(t, err)
		assert.Equal(t, http.StatusTeapot, got.status, "a context")
	}
	adopted := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Scope-Token", token)
	httpx.Adopt(app.Config.Handler).ServeHTTP(adopted, r)
	assert.Equal(t, want, adopted.Body.String(), "an adopted request")
}

// A cleanup from before the Mock must not reach the real host when the fake is gone.
func TestACleanupFromBeforeAMockIsRefused(t *testing.T) {
	t.Parallel()
	bound(t)
	t.Run("short", func(t *testing.T) {
		t.Cleanup(func() { assert.Contains(t, fetch("https://a.invalid"), "/short\" has ended") })
		httpxtest.Mock(t, "a.invalid")
	})
}

func TestARefusalNamesTheSubtestThatHasARoute(t *testing.T) {
	t.Parallel()
	bound(t)
	scopetest.With(t, httpx.Unrouted.Bind(httpx.Refuse))
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, fetch("https://b.example")) }))
	t.Cleanup(app.Close)
	t.Run("sub", func(t *testing.T) {
		httpxtest.Mock(t, "b.example")
		resp, err := app.Client().Get(app.URL)
		require.NoError(t, err)
		text := read(t, resp)
		assert.Contains(t, text, `the subtest "TestARefusalNamesTheSubtestThatHasARoute/sub" has a route for it, b.example → fake at http://127.0.0.1:`)
		for _, part := range []string{"(fakes_test.go:", "httpx.Adopt", "httpx.SendToken"} {
			assert.Contains(t, text, part)
		}
	})
}

func TestTheTestsLogComesAfterTheReport(t *testing.T) {
	t.Parallel()
	bound(t)
	key := scope.NewKey("key", "")
	f := rehearse(func(t testing.TB) {
		httpxtest.NewServer(t).Expect("GET /")
		scopetest.Set(t, key, "mine")
	})
	require.Len(t, f.messages, 2)
	assert.Contains(t, f.messages[1], `key = "mine"`)
}

// No secret that came in a header is printed with a request.
func TestTheJournalKeepsSecrets(t *testing.T) {
	t.Parallel()
	s := httpxtest.NewServer(t)
	s.Stub("/")
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/x", nil)
	require.NoError(t, err)
	for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "X-Auth-Token"} {
		req.Header.Set(name, "c4nary")
	}
	req.Header.Set("Accept", "text/plain")
	resp, err := s.Client().Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	require.NoError(t, s.Wait(t.Context(), 1))
	list := s.Requests()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		text := fmt.Sprintf(verb, list)
		assert.NotContains(t, text, "c4nary")
		assert.Contains(t, text, "Authorization: ‹redacted›")
		assert.Contains(t, text, "Accept: text/plain")
	}
	assert.Equal(t, "c4nary", list[0].Header.Get("Authorization"), "the field has it")
}
