package scopetest_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/logx/logtest"
	"github.com/scopetree/scope/scopetest"
)

var (
	secret  = scope.NewKey("api.key", "", scope.Redacted())
	retries = scope.NewKey("api.retries", 3)
)

// fails fails a fake test, with nothing to be logged.
func fails(f *fake) { f.failure = "failed" }

// report returns what a fake test that fails logs, but for the numbers of lines.
func report(t testing.TB, test func(f *fake)) string {
	f := run(t, func(f *fake) {
		defer fails(f)
		test(f)
	})
	return logged(f)
}

func logged(f *fake) string {
	return regexp.MustCompile(`_test\.go:\d+`).ReplaceAllString(strings.Join(f.logs, "\n"), "_test.go:N")
}

// send sends requests in ctx's scope, which never go further than its routes.
func send(t testing.TB, ctx context.Context, urls ...string) {
	ctx = scope.Set(ctx, httpx.Unrouted, httpx.Refuse)
	for _, u := range urls {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
		require.NoError(t, err)
		resp, err := httpx.Client().Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
}

// answer is a transport that answers without sending.
type answer struct{}

func (answer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil
}
func (answer) String() string { return "the answer" }

func TestAFailingTestLogsWhatItSetAndWhatWasRouted(t *testing.T) {
	t.Parallel()
	got := report(t, func(f *fake) {
		scopetest.With(f, url.Bind("http://127.0.0.1:1"))
		scopetest.With(f, secret.Bind("c4nary"), retries.Bind(5))
		ctx := scopetest.With(f,
			url.Bind("http://127.0.0.1:2"), // over the first
			httpx.RouteTransport("pay.test", answer{}),
			httpx.RouteTransport("mail.test", answer{}),
			scope.Binding{},
		)
		send(t, ctx, "https://pay.test/charge?card=c4nary", "https://ada:c4nary@pay.test/charge", "https://mail.test/a%2Fb")
	})
	assert.Equal(t, `scopetest: scope "TestFake"
  api.key = ‹redacted›                  report_test.go:N
  api.retries = 5                       report_test.go:N
  api.url = "http://127.0.0.1:2"        report_test.go:N
  httpx.route = pay.test → the answer   report_test.go:N
  httpx.route = mail.test → the answer  report_test.go:N
  3 requests routed
    GET https://pay.test/charge → the answer (2)
    GET https://mail.test/a%2Fb → the answer`, got)
}

func TestATestThatPassesLogsNothing(t *testing.T) {
	t.Parallel()
	f := run(t, func(f *fake) { send(t, scopetest.With(f, httpx.RouteTransport("*", answer{})), "https://pay.test") })
	assert.Empty(t, f.logs)
}

func TestAFailingTestThatSetNothingLogsNothing(t *testing.T) {
	t.Parallel()
	assert.Empty(t, report(t, func(*fake) {}))
	assert.Empty(t, report(t, func(f *fake) { scopetest.Context(f) }))
}

// What a fake server was sent stands in its own report.
func TestAMockIsNotReportedTwice(t *testing.T) {
	t.Parallel()
	mock := func(f *fake) {
		httpxtest.Mock(f, "pay.test", httpxtest.InMemory()).Stub("/")
		send(t, scopetest.Context(f), "https://pay.test/charge")
	}
	assert.Empty(t, report(t, mock))
	got := report(t, func(f *fake) {
		scopetest.With(f, retries.Bind(5))
		mock(f)
	})
	assert.Contains(t, got, "  api.retries = 5  report_test.go:N\n  1 request routed\n    GET https://pay.test/charge → fake")
	assert.NotContains(t, got, "httpx.route")
}

// What a test has logged stands in its log.
func TestACaptureIsNotReportedTwice(t *testing.T) {
	t.Parallel()
	assert.Empty(t, report(t, func(f *fake) { logtest.Capture(f) }))
}

func TestAFailureIsLoggedOnceWithWhatItInherits(t *testing.T) {
	t.Parallel()
	var passed, first, second *fake
	outer := run(t, func(f *fake) {
		defer fails(f) // as package testing fails the parent
		ctx := scopetest.With(f, url.Bind("outer's"), retries.Bind(5))
		scope.Run(ctx, func(ctx context.Context) {
			in := func(name string, test func(*fake)) *fake {
				var sub *fake
				scope.Run(ctx, func(context.Context) { sub = within(t, ctx, name, test) })
				return sub
			}
			passed = in("TestFake/passed", func(f *fake) { scopetest.With(f, url.Bind("passed's")) })
			first = in("TestFake/first", func(f *fake) {
				defer fails(f)
				scopetest.With(f, url.Bind("first's"))
			})
			second = in("TestFake/second", func(f *fake) {
				defer fails(f)
				scopetest.Context(f)
			})
		})
	})
	assert.Empty(t, passed.logs)
	assert.Equal(t, `scopetest: scope "TestFake/first"
  api.retries = 5      report_test.go:N, by TestFake
  api.url = "first's"  report_test.go:N`, logged(first))
	assert.Equal(t, `scopetest: scope "TestFake/second"
  api.url = "outer's"  report_test.go:N, by TestFake
  api.retries = 5      report_test.go:N, by TestFake`, logged(second))
	assert.Empty(t, outer.logs)
}

// within runs a fake test whose parent is the test that ctx's scope belongs to,
// on a goroutine that inherits from it with either carrier.
func within(t testing.TB, ctx context.Context, name string, test func(*fake)) *fake {
	return runAs(parented{t, ctx}, name, test)
}

// parented is a test whose context carries a scope.
type parented struct {
	testing.TB
	ctx context.Context
}

func (p parented) Context() context.Context { return p.ctx }

func TestAReportIsShort(t *testing.T) {
	t.Parallel()
	got := report(t, func(f *fake) {
		ctx := scopetest.With(f, httpx.RouteTransport("*", answer{}))
		for i := range 30 {
			scopetest.With(f, scope.NewKey(fmt.Sprint("key", i), "").Bind(strings.Repeat("x", 1000)))
			send(t, ctx, fmt.Sprintf("https://pay.test/%d/%s", i, strings.Repeat("y", 1000)))
		}
	})
	assert.Contains(t, got, "\n  11 values set before\n  key10 = ")
	assert.Contains(t, got, "\n  30 requests routed\n    22 earlier\n    GET https://pay.test/22/yyy")
	assert.Equal(t, 1+1+20+2+8, len(strings.Split(got, "\n")))
	for line := range strings.Lines(got) {
		assert.Less(t, len(line), 300)
	}
}

func TestAPlaceIsTheTestsLine(t *testing.T) {
	t.Parallel()
	key := scope.NewKey("n", 0)
	got := report(t, func(f *fake) { // as some package that helps tests would call New
		reflect.ValueOf(scopetest.With).Call([]reflect.Value{reflect.ValueOf(f), reflect.ValueOf(key.Bind(1))})
	})
	assert.Contains(t, got, "n = 1  report_test.go:N")
	if labels() {
		got = report(t, func(f *fake) { envtest.Setenv(f, "SCOPETEST_TOKEN", "c4nary") })
		assert.Contains(t, got, "SCOPETEST_TOKEN = ‹redacted›  report_test.go:N")
	}
}

// A report comes from the test's goroutine while others may still work with
// what the scope holds.
func TestAReportDoesNotLookIntoWhatOthersChange(t *testing.T) {
	t.Parallel()
	type config struct{ token string }
	got := report(t, func(f *fake) {
		scopetest.With(f,
			scope.NewKey[*config]("pointer", nil).Bind(&config{"c4nary"}),
			scope.NewKey("struct", config{}).Bind(config{"c4nary"}),
			scope.NewKey[map[string]string]("map", nil).Bind(map[string]string{"": "c4nary"}),
			scope.NewKey("writer", new(strings.Builder)).Bind(new(strings.Builder)),
			env.Bind("TOKEN", "c4nary"),
		)
	})
	assert.NotContains(t, got, "c4nary")
	for _, want := range []string{"pointer = *scopetest_test.config ", "struct = scopetest_test.config ", "map = map[string]string ", "writer = *strings.Builder "} {
		assert.Contains(t, got, want)
	}
}
