package profile_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/examples/githubprofile/fakegithub"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// badAnswers are answers of GitHub for which the page shows a problem.
var badAnswers = []struct {
	name   string
	reply  http.Handler
	status int
	words  string
}{
	{"no such user", httpxtest.JSON(404, map[string]string{"message": "Not Found"}), http.StatusNotFound,
		"GitHub has no user named “octocat”."},
	{"a rate limit that names no end", httpxtest.Status(429), http.StatusServiceUnavailable,
		"GitHub takes no more requests from here for now. Please try again in a few minutes."},
	{"a refusal", httpxtest.JSON(403, map[string]string{"message": "Forbidden"}), http.StatusBadGateway,
		"GitHub answered with status 403 instead of a profile. Please try again later."},
	{"a server error", httpxtest.Text(500, "<html>Unicorn!</html>"), http.StatusBadGateway,
		"GitHub answered with status 500 instead of a profile. Please try again later."},
	{"JSON that breaks off", httpxtest.Text(200, `{"login": "octo`), http.StatusBadGateway,
		"GitHub sent an answer that could not be read. Please try again later."},
	{"JSON of another shape", httpxtest.JSON(200, []string{"octocat"}), http.StatusBadGateway,
		"GitHub sent an answer that could not be read. Please try again later."},
	{"JSON without a login", httpxtest.JSON(200, map[string]string{}), http.StatusBadGateway,
		"GitHub sent an answer that could not be read. Please try again later."},
	{"an answer without an end", httpxtest.Text(200, strings.Repeat(" ", 2<<20)), http.StatusBadGateway,
		"GitHub sent an answer that could not be read. Please try again later."},
	{"a connection that breaks", http.HandlerFunc(breakOff), http.StatusBadGateway,
		"GitHub could not be reached. Please try again later."},
}

// breakOff announces more bytes than it sends, so the server closes the connection. The client does not try again on
// another connection, because the answer has begun.
func breakOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, `{"login": "octo`)
}

func TestProblemIsWordsOnThePage(t *testing.T) {
	t.Parallel()
	for _, test := range badAnswers {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mock(t, test.reply, test.reply)
			got := ask(t, "/?username=octocat")
			assertProblem(t, got, test.status, test.words)
			assert.Contains(t, got.body, `value="octocat"`, "the form keeps what was asked for")
			assert.Contains(t, got.body, `aria-describedby="problem"`)
		})
	}
}

func TestFailingRepositoriesLeaveTheProfile(t *testing.T) {
	t.Parallel()
	for _, test := range badAnswers {
		if test.name == "JSON of another shape" || test.name == "JSON without a login" {
			continue // these two are about the JSON of a user
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mock(t, httpxtest.JSON(200, octocat(7)), test.reply)
			got := ask(t, "/?username=octocat")
			assert.Equal(t, http.StatusOK, got.status)
			assert.Contains(t, got.body, "Octocat of fake 007")
			assert.Contains(t, got.body, `<p class="problem" role="alert">The repositories could not be loaded.</p>`)
		})
	}
}

func TestFailingUserHidesItsRepositories(t *testing.T) {
	t.Parallel()
	mock(t, httpxtest.Status(http.StatusNotFound), httpxtest.JSON(200, repos(7)))
	got := ask(t, "/?username=octocat")
	assertProblem(t, got, http.StatusNotFound, "GitHub has no user named “octocat”.")
	assert.NotContains(t, got.body, "tide-007")
}

func TestUsernameThatCannotBeIsNotSent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"-octocat", "octo cat", "octocat/repos", "o--c", "../admin", "ö", strings.Repeat("o", 40)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gh := httpxtest.Mock(t, "api.github.com")
			r := httptest.NewRequestWithContext(scopetest.Context(t), "GET", "/", nil)
			q := r.URL.Query()
			q.Set("username", name)
			r.URL.RawQuery = q.Encode()
			assertProblem(t, serve(r), http.StatusBadRequest, "“"+name+"” cannot be a GitHub username. "+
				"Usernames are letters, digits and single hyphens between them, 39 characters at most.")
			assert.Empty(t, gh.Requests())
		})
	}
}

func TestLongUsernameIsCutInTheProblemAndWholeInTheForm(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("o", 61)
	got := ask(t, "/?username="+long)
	assertProblem(t, got, http.StatusBadRequest, "“"+long[:59]+"…” cannot be a GitHub username. "+
		"Usernames are letters, digits and single hyphens between them, 39 characters at most.")
	assert.Contains(t, got.body, `value="`+long+`"`)
}

func TestSemicolonIsPartOfTheUsername(t *testing.T) {
	t.Parallel()
	for target, name := range map[string]string{
		"/?username=octocat;":        "octocat;",
		"/?username=octocat%3B":      "octocat;",
		"/?a=1;2&username=;&a":       ";",
		"/?username=octocat;other=1": "octocat;other=1",
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			assertProblem(t, ask(t, target), http.StatusBadRequest, "“"+name+"” cannot be a GitHub username. "+
				"Usernames are letters, digits and single hyphens between them, 39 characters at most.")
		})
	}
}

func TestQueryThatCannotBeReadIsAProblem(t *testing.T) {
	t.Parallel()
	assertProblem(t, ask(t, "/?username=%zz"), http.StatusBadRequest,
		"The username in this page’s address could not be read. Please type it in the field above.")
}

func TestGitHubThatIsDownIsWordsOnThePage(t *testing.T) {
	t.Parallel()
	down := &http.Transport{DialContext: func(_ context.Context, network, _ string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}}
	scopetest.With(t, httpx.RouteTransport("api.github.com", down))
	assertProblem(t, ask(t, "/?username=octocat"), http.StatusBadGateway,
		"GitHub could not be reached. Please try again later.")
}

// In a bubble of testing/synctest, the clock starts at midnight and moves only when all goroutines wait. The fake
// answers in memory there.
func TestRateLimitSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		scopetest.With(t, httpx.RouteHandler("api.github.com", fakegithub.New()))
		got := ask(t, "/?username=ratelimited")
		assertProblem(t, got, http.StatusServiceUnavailable, "GitHub takes no more requests from here for now. "+
			"Please try again in 12 minutes, at 00:12 UTC.")
		assert.Equal(t, "720", got.header.Get("Retry-After"))
	})
}

func TestRateLimitRoundsUp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ retryAfter, words, header string }{
		{"1", "Please try again in 1 minute, at 00:01 UTC.", "1"},
		{"60", "Please try again in 1 minute, at 00:01 UTC.", "60"},
		{"61", "Please try again in 2 minutes, at 00:02 UTC.", "61"},
		{"0", "Please try again in a few minutes.", ""},
		{"soon", "Please try again in a few minutes.", ""},
		{"Sat, 01 Jan 2000 01:00:00 GMT", "Please try again in 60 minutes, at 01:00 UTC.", "3600"},
		{"Fri, 31 Dec 1999 23:00:00 GMT", "Please try again in a few minutes.", ""}, // in the past
	} {
		t.Run(test.retryAfter, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limited := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", test.retryAfter)
					w.WriteHeader(http.StatusTooManyRequests)
				})
				scopetest.With(t, httpx.RouteHandler("api.github.com", limited))
				got := ask(t, "/?username=octocat")
				assertProblem(t, got, http.StatusServiceUnavailable, "GitHub takes no more requests from here for now. "+test.words)
				assert.Equal(t, test.header, got.header.Get("Retry-After"))
			})
		})
	}
}

func TestSlowGitHubIsGivenUpAfterTenSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		scopetest.With(t, httpx.RouteHandler("api.github.com", silent))
		asked := time.Now()
		got := ask(t, "/?username=octocat")
		assertProblem(t, got, http.StatusGatewayTimeout, "GitHub took too long to answer. Please try again later.")
		assert.Equal(t, 10*time.Second, time.Since(asked))
	})
}

var alert = regexp.MustCompile(`<p class="problem" id="problem" role="alert">(.*)</p>`)

// assertProblem asserts that the answer is a whole page whose one alert says words.
func assertProblem(t *testing.T, got answer, status int, words string) {
	t.Helper()
	assert.Equal(t, status, got.status)
	assert.Equal(t, "text/html; charset=utf-8", got.header.Get("Content-Type"))
	var alerts []string
	for _, found := range alert.FindAllStringSubmatch(got.body, -1) {
		alerts = append(alerts, found[1])
	}
	assert.Equal(t, []string{words}, alerts)
	assert.NotContains(t, got.body, "<article")
	assert.True(t, strings.HasSuffix(got.body, "</html>\n"), "the page is whole")
}
