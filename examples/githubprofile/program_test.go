package main_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// This test runs the program as a user does: built by the go command, in a process of its own, without any
// test code.
func TestProgram(t *testing.T) {
	t.Parallel()
	program := build(t)

	t.Run("serves the page with the embedded fake until SIGINT", func(t *testing.T) {
		t.Parallel()
		for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
			p := start(t, program, "-addr", "127.0.0.1:0")
			status, body := fetch(t, p.url+"/?username=octocat")
			assert.Equal(t, http.StatusOK, status)
			assert.Contains(t, body, "The Octocat")
			assert.Contains(t, body, "hello-tide")
			status, body = fetch(t, p.url+"/?username=nobody-there")
			assert.Equal(t, http.StatusNotFound, status)
			assert.Contains(t, body, "GitHub has no user named “nobody-there”.")
			p.stop(signal)
		}
	})

	t.Run("asks the GitHub that it is told to", func(t *testing.T) {
		t.Parallel()
		other := start(t, program, "-addr", "127.0.0.1:0") // has no API, only a page at /
		p := start(t, program, "-addr", "127.0.0.1:0", "-github", other.url+"/api/")
		status, body := fetch(t, p.url+"/?username=octocat")
		assert.Equal(t, http.StatusNotFound, status)
		assert.Contains(t, body, "GitHub has no user named “octocat”.")
		p.stop(os.Interrupt)
		other.stop(os.Interrupt)
	})

	t.Run("exits with 2 for a bad flag", func(t *testing.T) {
		t.Parallel()
		var stderr bytes.Buffer
		cmd := exec.Command(program, "-github", "localhost:80")
		cmd.Stderr = &stderr
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit)
		assert.Equal(t, 2, exit.ExitCode())
		assert.Contains(t, stderr.String(), `-github "localhost:80": want an absolute http or https URL`)
	})

	t.Run("exits with 0 for -h", func(t *testing.T) {
		t.Parallel()
		out, err := exec.Command(program, "-h").Output()
		require.NoError(t, err)
		assert.Contains(t, string(out), "-addr host:port")
	})
}

// build builds the program for the carrier that the tests use, and returns the name of the file.
func build(t *testing.T) string {
	file := filepath.Join(t.TempDir(), "githubprofile")
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	args := []string{"build", "-o", file}
	if scope.Carrier() == "gls" {
		args = append(args, "-tags=scope_portable")
	}
	out, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return file
}

// A process is a running program that listens at url.
type process struct {
	t      *testing.T
	url    string
	cmd    *exec.Cmd
	stdout io.Reader
	stderr *bytes.Buffer
}

func start(t *testing.T, program string, args ...string) *process {
	p := &process{t: t, cmd: exec.Command(program, args...), stderr: new(bytes.Buffer)}
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil { // the test failed before it stopped the program
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	p.stdout = stdout
	p.url = listeningOn(t, stdout)
	return p
}

// stop sends a signal, and asserts that the program shuts down cleanly.
func (p *process) stop(signal os.Signal) {
	if runtime.GOOS == "windows" {
		p.t.Log("Windows can't send signals: the program is killed when the test ends")
		return
	}
	require.NoError(p.t, p.cmd.Process.Signal(signal))
	rest, err := io.ReadAll(p.stdout)
	require.NoError(p.t, err)
	assert.Empty(p.t, rest, "nothing more on standard output")
	require.NoError(p.t, p.cmd.Wait(), "exit after %v; standard error: %s", signal, p.stderr)
}

var listening = regexp.MustCompile(`^listening on (http://127\.0\.0\.1:[1-9]\d*)\n$`)

// listeningOn reads the line that says where the program listens, and returns the URL.
func listeningOn(t *testing.T, stdout io.Reader) string {
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	found := listening.FindStringSubmatch(line)
	require.NotNil(t, found, "%q", line)
	return found[1]
}

// fetch asks the page from outside any scope, as a browser would.
func fetch(t *testing.T, url string) (status int, body string) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	_, page, _ := strings.Cut(string(b), "<body>")
	return resp.StatusCode, page
}
