package env_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
)

// What the process has, all the time that tests run.
const (
	inherited = "ENV_TEST_INHERITED"
	other     = "ENV_TEST_OTHER"
	absent    = "ENV_TEST_ABSENT" // it never has that
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "environ" { // the subprocess of a test
		os.Stdout.WriteString(strings.Join(os.Environ(), "\x00"))
		os.Exit(0)
	}
	os.Setenv(inherited, "process's")
	os.Setenv(other, "process's other")
	os.Unsetenv(absent)
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0") // subprocesses would wait for a second each
	goleak.VerifyTestMain(m)
}

// subprocess returns what a real process sees that is started with an environment.
func subprocess(t testing.TB, environ []string) []string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	out := run(t, environ, self, "environ")
	if out == "" {
		return nil
	}
	return strings.Split(out, "\x00")
}

// manySubprocesses is subprocess for where many are started: it saves them the
// race detector, where the system has a program called env. Each variable is on
// a line of its own.
func manySubprocesses(t testing.TB, environ []string) string {
	t.Helper()
	program, err := exec.LookPath("env")
	if err != nil {
		return strings.Join(subprocess(t, environ), "\n") + "\n"
	}
	return run(t, environ, program)
}

// run returns what a program prints.
func run(t testing.TB, environ []string, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = environ
	out, err := cmd.Output()
	require.NoError(t, err)
	return string(out)
}

func labels() bool { return scope.Carrier() == "labels" }

// elsewhere returns what read says on a goroutine that is started from this one:
// by a plain go where that inherits.
func elsewhere(read func() string) string {
	got := make(chan string)
	if labels() {
		go func() { got <- read() }()
	} else {
		scope.Go(context.Background(), func(context.Context) { got <- read() })
	}
	return <-got
}
