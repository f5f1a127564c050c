//go:build !scope_portable

package readme

import (
	"net/http/httptest"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/env/envtest"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	ctx, cmd := t.Context(), exec.Command("env")
	fake := httptest.NewServer(nil)
	defer fake.Close()

	envtest.Setenv(t, "PAYMENTS_URL", fake.URL) // t.Setenv's shape, safe under t.Parallel
	url := env.Get(ctx, "PAYMENTS_URL")         // in the code under test, in place of os.Getenv
	cmd.Env = env.Environ(ctx)                  // and for a subprocess

	assert.Equal(t, fake.URL, url)
	if _, err := exec.LookPath("env"); err != nil {
		t.Skip("no env program here")
	}
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), "PAYMENTS_URL="+fake.URL)
}
