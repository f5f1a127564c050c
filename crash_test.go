package scope_test

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
)

// A panic on a goroutine that Go started ends the process, as on any goroutine.
func TestAPanicInGoIsNotSwallowed(t *testing.T) {
	t.Parallel()
	if os.Getenv("SCOPE_TEST_CRASH") != "" {
		scope.Go(scope.Set(t.Context(), scope.NewKey("key", 0), 1), func(context.Context) { panic("not swallowed") })
		select {}
	}
	program, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestAPanicInGoIsNotSwallowed$")
	cmd.Env = append(os.Environ(), "SCOPE_TEST_CRASH=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 2, exit.ExitCode())
	assert.Contains(t, string(out), "panic: not swallowed")
	assert.Contains(t, string(out), "crash_test.go", "with the trace of where it was")
}
