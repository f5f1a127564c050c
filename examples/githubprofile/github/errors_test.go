package github_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/githubprofile/github"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// message is the body of GitHub's errors.
func message(text string) map[string]string { return map[string]string{"message": text} }

func TestAnswersThatAreErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		reply http.Handler
		is    error // nil for a StatusError with this code
		code  int
		text  string
	}{
		{"unknown", httpxtest.JSON(404, message("Not Found")), github.ErrNotFound, 0, "not found"},
		{"refused", httpxtest.JSON(403, message("Forbidden")), nil, 403, "403 Forbidden: Forbidden"},
		{"unauthorized", httpxtest.JSON(401, message("Bad credentials")), nil, 401, "401 Unauthorized: Bad credentials"},
		{"no content", httpxtest.Status(204), nil, 204, "204 No Content"},
		{"not modified", httpxtest.Status(304), nil, 304, "304 Not Modified"},
		{"a proxy's page", httpxtest.Text(502, "<html>Bad Gateway</html>"), nil, 502, "502 Bad Gateway"},
		{"a status of its own", httpxtest.Status(599), nil, 599, "599"},
		{"a long error", httpxtest.Text(500, strings.Repeat("x", 2<<20)), nil, 500, "500 Internal Server Error"},
		{"nothing", httpxtest.Status(200), github.ErrBadAnswer, 0, "bad answer: unexpected end of JSON input"},
		{"half", httpxtest.Text(200, `{"login": "octo`), github.ErrBadAnswer, 0, "bad answer: unexpected end of JSON input"},
		{"HTML", httpxtest.Text(200, "<html>"), github.ErrBadAnswer, 0,
			"bad answer: invalid character '<' looking for beginning of value"},
		{"too long", httpxtest.Text(200, strings.Repeat(" ", 1<<20+1)), github.ErrBadAnswer, 0,
			"bad answer: longer than 1048576 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			gh := httpxtest.Mock(t, "api.github.com")
			gh.Expect("GET /users/octocat").Reply(test.reply)
			gh.Expect("GET /users/octocat/repos").Reply(test.reply)
			_, userErr := new(github.Client).User(scopetest.Context(t), "octocat")
			_, reposErr := new(github.Client).Repos(scopetest.Context(t), "octocat")
			for path, err := range map[string]error{"/users/octocat": userErr, "/users/octocat/repos": reposErr} {
				require.EqualError(t, err, "github: GET "+path+": "+test.text)
				if test.is != nil {
					assert.ErrorIs(t, err, test.is)
					continue
				}
				var status *github.StatusError
				require.ErrorAs(t, err, &status)
				assert.Equal(t, test.code, status.Code)
			}
		})
	}
}

func TestUserWithoutALoginIsABadAnswer(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `null`, `{"login": ""}`} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			httpxtest.Mock(t, "api.github.com").Expect("GET /users/octocat").Reply(httpxtest.Text(200, body))
			_, err := new(github.Client).User(scopetest.Context(t), "octocat")
			require.ErrorIs(t, err, github.ErrBadAnswer)
			assert.EqualError(t, err, "github: GET /users/octocat: bad answer: a user without a login")
		})
	}
}

// In a bubble of testing/synctest, the clock starts at midnight UTC on 1
// January 2000.
func TestRateLimitSaysUntilWhen(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name    string
		status  int
		header  map[string]string
		limited bool
		reset   time.Duration // after midnight; zero if unknown
	}{
		{"429 alone", 429, nil, true, 0},
		{"429 with seconds", 429, map[string]string{"Retry-After": "90"}, true, 90 * time.Second},
		{"403 with seconds", 403, map[string]string{"Retry-After": "90"}, true, 90 * time.Second},
		{"a date", 403, map[string]string{"Retry-After": "Sat, 01 Jan 2000 00:05:00 GMT"}, true, 5 * time.Minute},
		{"the hourly limit", 403, map[string]string{
			"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "946688400"}, true, time.Hour},
		{"the hourly limit as 429", 429, map[string]string{
			"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "946688400"}, true, time.Hour},
		{"both: the header made for it counts", 403, map[string]string{
			"Retry-After": "90", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "946688400"}, true, 90 * time.Second},
		{"no number", 403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, true, 0},
		{"a time that says nothing about this limit", 429, map[string]string{
			"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "946688400"}, true, 0},
		{"negative seconds", 429, map[string]string{"Retry-After": "-1"}, true, 0},
		{"more seconds than a duration holds", 429, map[string]string{"Retry-After": "9999999999999"}, true, 0},
		{"403 with requests left", 403, map[string]string{"X-RateLimit-Remaining": "7"}, false, 0},
		{"500 with none left", 500, map[string]string{"X-RateLimit-Remaining": "0"}, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				answer := func(w http.ResponseWriter, _ *http.Request) {
					for name, value := range test.header {
						w.Header().Set(name, value)
					}
					w.WriteHeader(test.status)
				}
				ctx := scopetest.With(t, httpx.RouteHandler("api.github.com", http.HandlerFunc(answer)))
				_, err := new(github.Client).User(ctx, "octocat")
				var limited *github.RateLimitError
				require.Equal(t, test.limited, errors.As(err, &limited), "%v", err)
				switch {
				case !test.limited:
				case test.reset == 0:
					assert.Zero(t, limited.Reset)
					assert.EqualError(t, err, "github: GET /users/octocat: rate limit exceeded")
				default:
					want := midnight.Add(test.reset)
					assert.True(t, want.Equal(limited.Reset), "want %v, got %v", want, limited.Reset)
					assert.EqualError(t, err, "github: GET /users/octocat: rate limit exceeded until "+want.Format(time.RFC3339))
				}
			})
		})
	}
}

func TestNetworkErrorIsNamedOnce(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	ctx := scopetest.With(t, httpx.RouteTransport("api.github.com", &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, refused },
	}))
	_, err := new(github.Client).User(ctx, "octocat")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	assert.EqualError(t, err, "github: GET /users/octocat: "+refused.Error())
}

func TestBrokenConnectionIsAnError(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]http.HandlerFunc{
		"before the answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"in the answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"login": "octo`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			httpxtest.Mock(t, "api.github.com").Expect("GET /users/octocat").Reply(reply)
			_, err := new(github.Client).User(scopetest.Context(t), "octocat")
			require.Error(t, err)
			assert.NotErrorIs(t, err, github.ErrBadAnswer)
			assert.ErrorContains(t, err, "EOF")
		})
	}
}

func TestCancelledCallReturnsAtOnce(t *testing.T) {
	t.Parallel()
	gh := httpxtest.Mock(t, "api.github.com")
	ctx, cancel := context.WithCancel(scopetest.Context(t))
	gh.Expect("GET /users/octocat").ReplyFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel() // the client gives up while it waits for the answer
		<-r.Context().Done()
	})
	_, err := new(github.Client).User(ctx, "octocat")
	require.ErrorIs(t, err, context.Canceled)
}
