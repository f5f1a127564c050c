package main_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// This test runs the program as a user does: built by the go command, in a process of its own, without any
// test code.
func TestProgram(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "storefront")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)

	t.Run("sells with embedded fakes until it is stopped", func(t *testing.T) {
		t.Parallel()
		for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
			p := launch(t, program, "-addr", "127.0.0.1:0")
			assert.Contains(t, p.order("tok_visa", "1 Quay"), "Thank you, <span")
			assert.Contains(t, p.order("tok_declined", "1 Quay"), "Your card was declined.")
			assert.Contains(t, p.order("tok_visa", "Sea of Tranquility, Moon"), "We can&#39;t deliver to this address.")
			p.stop(signal)
			assert.Contains(t, p.stderr.String(), "the fake mail service got an e-mail")
			assert.NotContains(t, p.stderr.String(), "tok_")
		}
	})

	t.Run("keeps its orders in a file", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "shop.db")
		for _, want := range []string{"39 in stock", "38 in stock"} {
			p := launch(t, program, "-addr", "127.0.0.1:0", "-database", file)
			p.order("tok_visa", "1 Quay")
			assert.Contains(t, p.fetch("GET", "/", nil), want)
			p.stop(os.Interrupt)
		}
	})

	t.Run("keeps its orders in PostgreSQL", func(t *testing.T) {
		t.Parallel()
		own := postgresDatabase(t)
		var name string
		require.NoError(t, own.QueryRow("SELECT current_database()").Scan(&name))
		p := launch(t, program, "-addr", "127.0.0.1:0", "-database", postgres.url(name))
		assert.Contains(t, p.order("tok_visa", "1 Quay"), "Thank you, <span")
		p.stop(os.Interrupt)
		var stock int
		require.NoError(t, own.QueryRow("SELECT stock FROM products WHERE id = 'rope'").Scan(&stock))
		assert.Equal(t, 39, stock)
	})

	t.Run("exits with 1 when it can't start", func(t *testing.T) {
		t.Parallel()
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer taken.Close()
		for want, args := range map[string][]string{
			`address "` + taken.Addr().String() + `"`: {program, "-addr", taken.Addr().String()},
			"storefront: database: ":                  {program, "-addr", "127.0.0.1:0", "-database", t.TempDir() + "/none/shop.db"},
			`SHOP_CLOSED="perhaps": want true`:        {"env", "SHOP_CLOSED=perhaps", program},
		} {
			out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			assert.Equal(t, 1, exit.ExitCode())
			assert.Contains(t, string(out), want)
		}
	})
}

// A process is a running program that listens at url.
type process struct {
	t      *testing.T
	url    string
	cmd    *exec.Cmd
	stdout io.Reader
	stderr *bytes.Buffer
}

var listening = regexp.MustCompile(`^listening on (http://127\.0\.0\.1:[1-9]\d*)\n$`)

func launch(t *testing.T, program string, args ...string) *process {
	t.Helper()
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
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	found := listening.FindStringSubmatch(line)
	require.NotNil(t, found, "%q", line)
	p.stdout, p.url = stdout, found[1]
	return p
}

// stop sends a signal, and asserts that the program shuts down cleanly.
func (p *process) stop(signal os.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(signal))
	rest, err := io.ReadAll(p.stdout)
	require.NoError(p.t, err)
	assert.Empty(p.t, rest, "nothing more on standard output")
	require.NoError(p.t, p.cmd.Wait(), "exit after %v; standard error: %s", signal, p.stderr)
}

// order sends the page's form, as a browser would, and returns the page that follows.
func (p *process) order(card, address string) string {
	p.t.Helper()
	return p.fetch("POST", "/orders", form("card", card, "address", address, "quantity.rope", "1"))
}

// fetch sends a request to the program with a client outside any scope.
func (p *process) fetch(method, path string, form url.Values) string {
	p.t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequest(method, p.url+path, strings.NewReader(form.Encode()))
	require.NoError(p.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(req)
	require.NoError(p.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return string(b)
}
