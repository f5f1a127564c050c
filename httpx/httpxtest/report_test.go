package httpxtest_test

import (
	"context"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

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
		gh.Expect("GET /events").AtLeast(2).AtMost(3)
		gh.Expect("GET /rate_limit").AtMost(3)
		gh.Stub("GET /zen").AtLeast(1)
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
	{"nothing-received-but-refused", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.weather.example")
		gh.Expect("GET /v1/forecast")
		for range 2 {
			_, _ = try(scopetest.Context(t), "GET", "https://api.weather.example.com/v1/forecast?key=c4nary", "")
		}
	}},
	{"other-options", func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com")
		httpxtest.Mock(t, "api.github.com", httpxtest.TLS())
		t.Error("a test does not go on after that")
	}},
	{"received-again-and-again", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/octocat")
		for range 4 {
			get(t, "https://api.github.com/users/zoe")
		}
	}},
	{"nearest-without-its-first-part", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Stub("GET /rate_limit")
		gh.Stub("GET /repos/{owner}/{repo}/issues")
		get(t, "https://api.github.com/api/v3/repos/golang/go/issues")
	}},
	{"nearest-is-open", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login}")
		gh.Expect("GET /users/zoe").Query("page", "2")
		get(t, "https://api.github.com/users/octocat")
		get(t, "https://api.github.com/users/zoe?page=1")
	}},
	{"sent-again", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com", httpxtest.InMemory())
		gh.Stub("GET /zen")
		gh.Expect("GET /users/octocat").Reply(httpxtest.EOF())
		get(t, "https://api.github.com/zen") // so that the connection is used
		_, _ = try(scopetest.Context(t), "GET", "https://api.github.com/users/octocat", "")
	}},
	{"sent-again-by-the-program", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com", httpxtest.InMemory())
		gh.Expect("GET /users/octocat").Reply(httpxtest.EOF())
		for range 2 { // each on a new connection
			_, _ = try(scopetest.Context(t), "GET", "https://api.github.com/users/octocat", "")
		}
	}},
	{"unexpected-form", func(t testing.TB) {
		httpxtest.Mock(t, "api.example.com").Stub("POST /").Form("name", "grace")
		post(t, "application/x-www-form-urlencoded", "name=ada&tag=a&tag=b")
	}},
	{"unexpected-multipart", func(t testing.TB) {
		httpxtest.Mock(t, "api.example.com").Stub("POST /").Form("title", "x")
		post(t, "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nada\r\n--b--\r\n")
	}},
	{"unexpected-body-contains", func(t testing.TB) {
		httpxtest.Mock(t, "api.example.com").Stub("POST /").BodyContains("order 7")
		post(t, "text/plain", "order 8, by card")
	}},
	{"unexpected-body-match", func(t testing.TB) {
		httpxtest.Mock(t, "api.example.com").Stub("POST /").BodyMatch(regexp.MustCompile(`^order \d+$`))
		post(t, "text/plain", "order seven")
	}},
	{"unexpected-query-match", func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Stub("GET /").QueryMatch("page", regexp.MustCompile(`^\d+$`))
		get(t, "https://api.github.com/?page=two")
	}},
	{"unexpected-header-match", func(t testing.TB) {
		httpxtest.Mock(t, "api.example.com").Stub("POST /").HeaderMatch("Content-Type", regexp.MustCompile(`^application/json`))
		post(t, "text/plain", "")
	}},
	{"unexpected-path-match", func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Stub("GET /").Path(regexp.MustCompile(`^/users/[a-z]+$`))
		get(t, "https://api.github.com/users/octo%20cat")
	}},
	{"unexpected-part-of-a-segment", func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Stub("GET /v1/{id}:batch")
		get(t, "https://api.github.com/v1/users:other")
	}},
	{"lower-case-method", func(t testing.TB) {
		httpxtest.Mock(t, "api.github.com").Stub("get /users/{login}")
	}},
	{"panic", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login}").ReplyFunc(func(http.ResponseWriter, *http.Request) {
			var nobody *http.Request
			_ = nobody.Method
		})
		_, err := try(scopetest.Context(t), "GET", "https://api.github.com/users/octocat", "")
		assert.Error(t, err)
	}},
	{"assertion-in-reply", func(t testing.TB) {
		gh := httpxtest.Mock(t, "api.github.com")
		gh.Expect("GET /users/{login}").ReplyFunc(func(_ http.ResponseWriter, r *http.Request) {
			require.Equal(t, "octocat", r.PathValue("login"), "whose profile it is")
		})
		_, err := try(scopetest.Context(t), "GET", "https://api.github.com/users/zoe", "")
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
		ctx := scopetest.Context(t)
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
