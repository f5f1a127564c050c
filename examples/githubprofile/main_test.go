package main_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	main "github.com/scopetree/scope/examples/githubprofile"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

func TestMain(m *testing.M) {
	httpx.Install()
	httpx.Unrouted.SetDefault(httpx.Refuse) // a request without a route fails, and never reaches the real GitHub
	goleak.VerifyTestMain(m)
}

func TestBadArgumentsExitWith2AndAreNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-port", "80"}, "flag provided but not defined: -port"},
		{[]string{"-addr", ""}, `-addr "": want host:port, such as 127.0.0.1:8080`},
		{[]string{"-addr"}, "flag needs an argument: -addr"},
		{[]string{"octocat"}, `unexpected argument "octocat"`},
		{[]string{"-addr", ":0", "--", "-x"}, `unexpected argument "-x"`},
		{[]string{"-github", "localhost:80"}, `-github "localhost:80": want an absolute http or https URL`},
		{[]string{"-github", "ftp://ghe.example"}, `-github "ftp://ghe.example": want an absolute http or https URL`},
		{[]string{"-github", "https://"}, `-github "https://": want an absolute http or https URL`},
		{[]string{"-github", "%zz"}, `-github "%zz": want an absolute http or https URL`},
		{[]string{"-github", "https://ghe.example/?a=1"}, `-github "https://ghe.example/?a=1": want a URL without user, query`},
		{[]string{"-github", "https://ghe.example/#a"}, `-github "https://ghe.example/#a": want a URL without user, query`},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			assert.Equal(t, 2, main.Run(t.Context(), test.args, &stdout, &stderr))
			assert.Empty(t, stdout.String())
			assert.Contains(t, stderr.String(), "githubprofile: "+test.want)
			assert.Contains(t, stderr.String(), "Run with -h for help.")
		})
	}
}

func TestPasswordInBadArgumentIsNotPrinted(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"https://me:secret@ghe.example":      `-github "https://…@ghe.example": want a URL without user, query and fragment`,
		"https://me:secret@ghe.example/%zz":  `-github "https://…@ghe.example/%zz": want an absolute http or https URL`,
		"me:secret@ghe.example":              `-github "…@ghe.example": want an absolute http or https URL`,
		"https://me:sec@ret@ghe.example/?a=": `-github "https://…@ghe.example/?a=": want a URL without user, query and fragment`,
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, 2, main.Run(t.Context(), []string{"-github", target}, &stdout, &stderr))
		assert.Contains(t, stderr.String(), want)
	}
}

func TestHelpExitsWith0(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-h", "--help"} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, 0, main.Run(t.Context(), []string{flag}, &stdout, &stderr))
		assert.Empty(t, stderr.String())
		for _, want := range []string{"GitHub Profile Viewer", "go run ./examples/githubprofile", "-addr host:port",
			"-github URL", "127.0.0.1:8080", "https://api.github.com", "octocat"} {
			assert.Contains(t, stdout.String(), want)
		}
	}
}

// realGitHub sets -github to the real GitHub. For this value alone, the program leaves the process-wide base URL as
// it is. The tests that serve in this process use it, so they can run in parallel: each routes api.github.com to a
// fake of its own.
const realGitHub = "-github=https://api.github.com"

func TestAddressInUseExitsWith1AndIsNamed(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, addr := range []string{taken.Addr().String(), "127.0.0.1:99999", "no port"} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, 1, main.Run(t.Context(), []string{realGitHub, "-addr", addr}, &stdout, &stderr))
		assert.Contains(t, stderr.String(), `githubprofile: address "`+addr+`": `)
		assert.Empty(t, stdout.String())
	}
}

// This test runs the whole program several times in one process, each time with a GitHub of its own. Where
// goroutines carry scopes, the servers that the program starts inherit the test's scope. Elsewhere they find no
// GitHub.
func TestProgramServesThePageUntilItIsStopped(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"First", "Second", "Third"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gh := httpxtest.Mock(t, "api.github.com")
			gh.Stub("GET /users/octocat").Reply(httpxtest.JSON(200, map[string]string{"login": "octocat", "name": name}))
			gh.Stub("GET /users/octocat/repos").Reply(httpxtest.JSON(200, []any{}))
			ctx, stop := context.WithCancel(scopetest.Context(t))
			defer stop()
			stdout, out := io.Pipe()
			exit := make(chan int, 1)
			go func() {
				var stderr bytes.Buffer
				exit <- main.Run(ctx, []string{realGitHub, "-addr", "127.0.0.1:0"}, out, &stderr)
				out.Close()
			}()

			url := listeningOn(t, stdout)
			status, body := fetch(t, url+"/?username=octocat")
			if scope.Carrier() == "gls" {
				assert.Equal(t, http.StatusBadGateway, status)
				assert.Empty(t, gh.Requests())
			} else {
				assert.Equal(t, http.StatusOK, status)
				assert.Contains(t, body, ">"+name+"</h2>")
			}

			stop()
			assert.Equal(t, 0, <-exit)
		})
	}
}
