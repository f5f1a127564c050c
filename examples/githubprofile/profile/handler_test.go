package profile_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/examples/githubprofile/profile"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestEachTestSeesItsOwnGitHub(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			for n := range 50 {
				t.Run(fmt.Sprint(n), func(t *testing.T) {
					t.Parallel()
					gh := httpxtest.Mock(t, "api.github.com")
					user, list := gh.Stub("GET /users/octocat"), gh.Stub("GET /users/octocat/repos")
					user.Reply(httpxtest.JSON(http.StatusOK, octocat(n)))
					list.Reply(httpxtest.JSON(http.StatusOK, repos(n)))

					got := way.ask(t, "/?username=octocat")

					if way.inherits && scope.Carrier() == "gls" {
						assertUnreached(t, got, gh)
						return
					}
					assert.Equal(t, http.StatusOK, got.status)
					assert.Contains(t, got.body, fmt.Sprintf("Octocat of fake %03d", n))
					assert.Contains(t, got.body, fmt.Sprintf("tide-%03d", n))
					assert.Equal(t, 1, strings.Count(got.body, "of fake"))
					assert.Equal(t, 1, user.Count())
					assert.Equal(t, 1, list.Count())
				})
			}
		})
	}
}

func TestHandlerAsksForUserAndRepositoriesAtTheSameTime(t *testing.T) {
	t.Parallel()
	var both sync.WaitGroup
	both.Add(2)
	// Neither request is answered before both have arrived. A page that sent one after the other would run into its
	// timeout.
	meet := func(reply http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			both.Done()
			both.Wait()
			reply.ServeHTTP(w, r)
		})
	}
	mock(t, meet(httpxtest.JSON(http.StatusOK, octocat(1))), meet(httpxtest.JSON(http.StatusOK, repos(1))))
	got := ask(t, "/?username=octocat")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Contains(t, got.body, "tide-001")
}

func TestHandlerAsksNothingForTheFormAlone(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"/", "/?username=", "/?username=%20%09", "/?other=octocat"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			gh := httpxtest.Mock(t, "api.github.com")
			got := ask(t, target)
			assert.Equal(t, http.StatusOK, got.status)
			assert.Contains(t, got.body, "<h1>GitHub Profile Viewer</h1>")
			assert.Contains(t, got.body, `name="username"`)
			assert.NotContains(t, got.body, "<article")
			assert.NotContains(t, got.body, `role="alert"`)
			assert.Empty(t, gh.Requests())
		})
	}
}

func TestHandlerTrimsTheUsername(t *testing.T) {
	t.Parallel()
	mock(t, httpxtest.JSON(http.StatusOK, octocat(1)), httpxtest.JSON(http.StatusOK, repos(1)))
	got := ask(t, "/?username=+octocat%09")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Contains(t, got.body, `value="octocat"`)
}

func TestHandlerHasNoOtherPage(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"/favicon.ico", "/users/octocat", "/index.html?username=octocat"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			got := ask(t, target)
			assert.Equal(t, http.StatusNotFound, got.status)
			assert.NotContains(t, got.body, "GitHub Profile Viewer")
		})
	}
}

func TestHandlerTakesGetAndHeadOnly(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			got := serve(httptest.NewRequestWithContext(scopetest.Context(t), method, "/?username=octocat", nil))
			assert.Equal(t, http.StatusMethodNotAllowed, got.status)
			assert.Equal(t, "GET, HEAD", got.header.Get("Allow"))
			assert.Equal(t, "method not allowed\n", got.body)
		})
	}
}

func TestHandlerLogsWhatIsNotTheReadersFault(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		user, repos http.Handler
		log         []string // parts of the log; nil if nothing is logged
	}{
		{"a profile", httpxtest.JSON(200, octocat(1)), httpxtest.JSON(200, repos(1)), nil},
		{"no such user", httpxtest.Status(404), httpxtest.Status(404), nil},
		{"GitHub fails", httpxtest.Status(500), httpxtest.Status(500),
			[]string{`"no profile" username=octocat`, "GET /users/octocat: 500 Internal Server Error"}},
		{"the repositories fail", httpxtest.JSON(200, octocat(1)), httpxtest.Status(500),
			[]string{`"no repositories" username=octocat`, "GET /users/octocat/repos: 500 Internal Server Error"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mock(t, test.user, test.repos)
			var log bytes.Buffer
			h := &profile.Handler{Log: slog.New(slog.NewTextHandler(&log, nil))}
			r := httptest.NewRequestWithContext(scopetest.Context(t), "GET", "/?username=octocat", nil)
			h.ServeHTTP(httptest.NewRecorder(), r)
			for _, want := range test.log {
				assert.Contains(t, log.String(), want)
			}
			assert.Equal(t, min(len(test.log), 1), strings.Count(log.String(), "\n"), "lines logged: %s", log.String())
		})
	}
}

// goneReader is a connection that breaks before the page is written.
type goneReader struct{ *httptest.ResponseRecorder }

func (goneReader) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestHandlerLogsAPageThatNobodyCouldReceive(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := &profile.Handler{Log: slog.New(slog.NewTextHandler(&log, nil))}
	h.ServeHTTP(goneReader{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
	assert.Contains(t, log.String(), "the page could not be written")
	assert.Contains(t, log.String(), "broken pipe")
}
