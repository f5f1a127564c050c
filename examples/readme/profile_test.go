//go:build !scope_portable

package readme

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestMain(m *testing.M) {
	httpx.Install()                               // http.DefaultTransport follows scopes from now on
	httpx.Unrouted.SetDefault(httpx.RefuseRemote) // and no request leaves this machine without a route
	os.Exit(m.Run())
}

func TestProfileName(t *testing.T) {
	t.Parallel()
	github := httpxtest.Mock(t, "api.github.com") // a fake GitHub, for this test alone
	github.Expect("GET /users/{login}").Reply(httpxtest.JSON(200, map[string]string{"name": "Ada"}))

	name, err := ProfileName("ada")

	require.NoError(t, err)
	assert.Equal(t, "Ada", name)
}

func TestSetenvPanicsInAParallelTest(t *testing.T) {
	defer func() { assert.NotNil(t, recover()) }()
	t.Parallel()
	t.Setenv("PAYMENTS_URL", "http://127.0.0.1:4321") // panics: a parallel test can't change what all share
}
