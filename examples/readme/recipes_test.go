//go:build !scope_portable

package readme

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

var PaymentsURL = scope.NewKey("payments.url", "https://payments.example")

func TestValues(t *testing.T) {
	t.Parallel()
	var seen []string
	note := func(s string) { seen = append(seen, s) }

	ctx := scope.Set(context.Background(), PaymentsURL, "http://127.0.0.1:4321")

	note(scope.Get(ctx, PaymentsURL)) // http://127.0.0.1:4321, from the context
	scope.Run(ctx, func(context.Context) {
		note(PaymentsURL.Get()) // http://127.0.0.1:4321, from the goroutine
		done := make(chan string)
		go func() { done <- PaymentsURL.Get() }()
		note(<-done) // http://127.0.0.1:4321, inherited from the goroutine that started it
	})
	note(PaymentsURL.Get()) // https://payments.example, the default

	assert.Equal(t, []string{
		"http://127.0.0.1:4321", "http://127.0.0.1:4321", "http://127.0.0.1:4321", "https://payments.example",
	}, seen)
}

func TestPaymentsTimeout(t *testing.T) {
	t.Parallel()
	scopetest.Set(t, PaymentsURL, "http://127.0.0.1:4321") // t.Setenv's shape, safe in parallel tests
	assert.Equal(t, "http://127.0.0.1:4321", PaymentsURL.Get())
}

func TestACarrierThatDoesNotInherit(t *testing.T) {
	t.Parallel()
	if scope.Carrier() != "labels" {
		log.Fatal("goroutines inherit no scope here: scope's carrier is ", scope.Carrier())
	}
}

func TestWorkers(t *testing.T) {
	t.Parallel()
	ctx := scopetest.With(t, PaymentsURL.Bind("http://127.0.0.1:4321"))
	got := make(chan string, 3)
	work := func() { got <- PaymentsURL.Get() }

	scope.Go(ctx, func(ctx context.Context) { work() })     // a goroutine, on every carrier
	time.AfterFunc(time.Millisecond, scope.Wrap(ctx, work)) // a timer, a queue, a pool
	go work()                                               // a plain go statement, with labels

	for range 3 {
		assert.Equal(t, "http://127.0.0.1:4321", <-got)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "fake "+r.URL.Path)
	}))
	t.Cleanup(fake.Close)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "in memory "+r.URL.Path)
	})

	ctx := scopetest.With(t,
		httpx.Route("api.github.com", fake.URL+"/v3"),   // to a server, below a path
		httpx.Route("*.example.com", fake.URL),          // every host below a domain
		httpx.RouteHandler("auth.example.com", handler), // to a handler, with no socket
		httpx.Unrouted.Bind(httpx.Refuse),               // and nothing anywhere else
	)

	assert.Equal(t, "fake /v3/users/octocat", body(t, ctx, "https://api.github.com/users/octocat"))
	assert.Equal(t, "fake /x", body(t, ctx, "https://www.example.com/x"))
	assert.Equal(t, "in memory /token", body(t, ctx, "https://auth.example.com/token"))
	_, err := http.Get("https://api.stripe.com/v1/charges")
	assert.ErrorIs(t, err, httpx.ErrRefused)
}

func TestClients(t *testing.T) {
	t.Parallel()
	ctx := scopetest.With(t, httpx.RouteHandler("*", http.NotFoundHandler()))
	own := &http.Transport{}

	client := &http.Client{Transport: httpx.Wrap(own)} // a client with a transport of its own

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.github.com/", nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
}

var baseURLs = map[string]string{"ada": "http://ada.internal", "grace": "http://grace.internal"}

func TestTenants(t *testing.T) {
	t.Parallel()
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, httpx.BaseURL.Get()) // with no context: the goroutine is bound
	})

	handler := httpx.Middleware(app, func(r *http.Request) []scope.Binding {
		return []scope.Binding{httpx.BaseURL.Bind(baseURLs[r.Header.Get("Tenant")])}
	})

	for _, tenant := range []string{"ada", "grace"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Tenant", tenant)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		assert.Equal(t, "http://"+tenant+".internal", w.Body.String())
	}
}

func TestReplies(t *testing.T) {
	t.Parallel()
	api := httpxtest.Mock(t, "api.example.com")

	created := httpxtest.WithHeader("Location", "/orders/7", httpxtest.Status(201))
	api.Expect("POST /orders").JSONBody(map[string]any{"sku": "mug"}).Reply(created)
	api.Expect("GET /orders/7").Reply(httpxtest.Stall())     // answers nothing: the client times out
	api.Stub("GET /health").Reply(httpxtest.Text(200, "ok")) // any number of times; Expect is for one, or .Times(n)

	resp, err := http.Post("https://api.example.com/orders", "application/json", strings.NewReader(`{"sku": "mug"}`))
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, "/orders/7", resp.Header.Get("Location"))
	_, err = (&http.Client{Timeout: 10 * time.Millisecond}).Get("https://api.example.com/orders/7")
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestExplain(t *testing.T) {
	t.Parallel()
	scopetest.Set(t, PaymentsURL, "http://127.0.0.1:4321")

	why := scope.Explain(t.Context(), PaymentsURL)

	assert.Regexp(t, `^payments.url = "http://127.0.0.1:4321", bound in scope "TestExplain" at recipes_test.go:\d+; `+
		`asked scope "TestExplain", from the goroutine$`, why)
}

func body(t *testing.T, ctx context.Context, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}
