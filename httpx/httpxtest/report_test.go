package httpxtest_test

import (
	"context"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// What a developer reads when a test fails is the product: each report stands in testdata, as it is printed but for
// line numbers and stacks.
var reports = []struct {
	name string
	test func(t testing.TB)
}{
	{"unexpected-no-routes", func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com")
		get(t, "https://api.github.com/users/octocat?page=2")
	}},
	{"unexpected-other-path", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /users/{login}")
		gh.Expect("GET /rate_limit")
		get(t, "https://api.github.com/rate_limit")
		get(t, "https://api.github.com/users/octocat/repos?page=2")
	}},
	{"unexpected-used-up", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login}").Times(2)
		gh.Stub("POST /graphql")
		get(t, "https://api.github.com/users/octocat")
		get(t, "https://api.github.com/users/zoe")
		get(t, "https://api.github.com/users/newcomer")
	}},
	{"unexpected-other-method", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /users/{login}")
		gh.Stub("PATCH /user")
		send(t, "DELETE", "https://api.github.com/users/octocat", "")
	}},
	{"unexpected-query", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /users/{login}/repos").Query("sort", "updated").Query("per_page", "5")
		get(t, "https://api.github.com/users/octocat/repos?sort=updated&per_page=30")
	}},
	{"unexpected-header", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /user").Header("Authorization", "Bearer secret")
		get(t, "https://api.github.com/user")
	}},
	{"unexpected-body", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("POST /markdown/raw").Body("# Hello")
		send(t, "POST", "https://api.github.com/markdown/raw", "# Goodbye")
	}},
	{"unexpected-json", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("POST /user/repos").JSONBody(`{"name": "tide", "private": true, "topics": ["water", "moon"]}`)
		send(t, "POST", "https://api.github.com/user/repos", `{"topics":["water","sun"],"private":true,"name":"tide"}`)
	}},
	{"unexpected-not-json", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("POST /user/repos").JSONBody(map[string]any{"name": "tide"})
		send(t, "POST", "https://api.github.com/user/repos", "name=tide")
	}},
	{"unexpected-early", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		login := gh.Expect("POST /login")
		gh.Expect("GET /user").After(login)
		get(t, "https://api.github.com/user")
		send(t, "POST", "https://api.github.com/login", "")
		get(t, "https://api.github.com/user")
	}},
	{"unexpected-never", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("/")
		gh.Never("DELETE /users/{login}")
		send(t, "DELETE", "https://api.github.com/users/octocat", "")
	}},
	{"unexpected-repeated", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /users/{login}")
		for range 3 {
			get(t, "https://api.github.com/users/octocat/repos")
		}
		get(t, "https://api.github.com/users/octocat/gists")
	}},
	{"missing", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login}").Times(2)
		gh.Expect("GET /users/{login}/repos")
		gh.Expect("POST /graphql").AtLeast(3)
		gh.Expect("GET /rate_limit").AtMost(3)
		gh.Stub("GET /emojis")
		get(t, "https://api.github.com/users/octocat")
		get(t, "https://api.github.com/emojis")
	}},
	{"missing-and-unexpected", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/octocat")
		get(t, "https://api.github.com/users/octokat")
	}},
	{"nothing-received-by-url", func(t testing.TB) {
		httpxtest.NewServer(t).Expect("GET /users/{login}")
	}},
	{"nothing-received", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login}")
	}},
	{"panic", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login}").ReplyFunc(func(http.ResponseWriter, *http.Request) {
			var nobody *http.Request
			_ = nobody.Method
		})
		_, err := try(scopetest.New(t), "GET", "https://api.github.com/users/octocat", "")
		assert.Error(t, err)
	}},
	{"assertion-in-reply", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login}").ReplyFunc(func(_ http.ResponseWriter, r *http.Request) {
			require.Equal(t, "octocat", r.PathValue("login"), "whose profile it is")
		})
		_, err := try(scopetest.New(t), "GET", "https://api.github.com/users/zoe", "")
		assert.Error(t, err)
	}},
	{"bad-pattern", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login")
		t.Error("a test does not go on after a bad pattern")
	}},
	{"bad-json", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("POST /user/repos").JSONBody(`{"name": "tide"`)
		t.Error("a test does not go on after a bad body")
	}},
	{"hanging", func(t testing.TB) {
		received, answered := make(chan struct{}), make(chan struct{})
		t.Cleanup(func() { <-answered }) // after the server's end, which is what lets go of the client
		gh := httpxtest.Mock(t, "api.github.com", httpxtest.Patience(time.Millisecond))
		gh.Expect("GET /users/{login}").ReplyFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(received)
			<-r.Context().Done() // the server closes the connection after its patience
		})
		ctx := scopetest.New(t)
		go func() {
			defer close(answered)
			_, _ = try(context.WithoutCancel(ctx), "GET", "https://api.github.com/users/octocat", "")
		}()
		<-received
	}},
}

func TestReports(t *testing.T) {
	t.Parallel()
	for _, report := range reports {
		t.Run(report.name, func(t *testing.T) {
			t.Parallel()
			f := rehearse(report.test)
			assert.True(t, f.Failed())
			assert.Empty(t, f.late, "printed after the end")
			assertGolden(t, report.name, f.text())
		})
	}
}

// Without Install the report has a line more. The test is not parallel: http.DefaultTransport is everybody's.
func TestReportSaysThatNothingIsInstalled(t *testing.T) {
	installed := http.DefaultTransport
	http.DefaultTransport = new(http.Transport)
	defer func() { http.DefaultTransport = installed }()
	f := rehearse(func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Expect("GET /users/{login}")
	})
	assertGolden(t, "nothing-installed", f.text())
}

// The client has the same text as the report, as far as it was known then.
func TestClientGetsTheReport(t *testing.T) {
	t.Parallel()
	var got reply
	f := rehearse(func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /users/{login}")
		got = send(t, "POST", "https://api.github.com/users/octocat", "")
	})
	assert.Equal(t, http.StatusNotImplemented, got.status)
	assert.Equal(t, f.text(), strings.TrimSpace(got.body))
}

// varying is what differs from run to run, and what stands in its place.
var varying = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(_test\.go):\d+`), "$1:N"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`(?s)\tError Trace:.*?\n(\tError: )`), "\tError Trace: …\n$1"},
	{regexp.MustCompile(`(?s)goroutine \d+ \[.*`), "goroutine N …"},
	{regexp.MustCompile(`(?m)[ \t]+$`), ""},
}

func assertGolden(t *testing.T, name, got string) {
	t.Helper()
	for _, v := range varying {
		got = v.what.ReplaceAllString(got, v.with)
	}
	got += "\n"
	file := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o666))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test with -update to write it")
	assert.Equal(t, string(want), got)
}
