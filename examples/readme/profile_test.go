//go:build !scope_portable

package readme

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestMain(m *testing.M) {
	httpx.Install()                         // http.DefaultTransport follows scopes from now on
	httpx.Unrouted.SetDefault(httpx.Refuse) // and no goroutine reaches the world without a route
	goleak.VerifyTestMain(m)                // or os.Exit(m.Run())
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
	t.Parallel()
	assert.Panics(t, func() {
		t.Setenv("PAYMENTS_URL", "http://127.0.0.1:4321") // panics: the environment is global
	})
}
