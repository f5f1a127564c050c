package conformance

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// original is http.DefaultTransport as it was before TestMain.
var original = http.DefaultTransport

// hookedProcess marks the process whose http.DefaultTransport is hooked.
const hookedProcess = "CONFORMANCE_HOOKED"

// openai-go clones http.DefaultTransport when a client is made, and so is out of
// Install's reach afterwards. InstallHooked reaches it. In a process of its own,
// since TestMain has installed what there can be only one of.
func TestOpenAIFollowsItsTestsFakeAfterInstallHooked(t *testing.T) {
	t.Parallel()
	again := exec.Command(os.Args[0], "-test.run=^TestInAHookedProcess$", "-test.v", "-test.count=1")
	again.Env = append(os.Environ(), hookedProcess+"=1")
	out, err := again.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "--- PASS: TestInAHookedProcess/19")
}

func TestInAHookedProcess(t *testing.T) {
	if os.Getenv(hookedProcess) == "" {
		t.Skip("TestOpenAIFollowsItsTestsFakeAfterInstallHooked starts it")
	}
	http.DefaultTransport = original
	uninstall := httpx.InstallHooked()
	t.Cleanup(uninstall) // after the parallel subtests
	shared := openai.NewClient(option.WithAPIKey("key"), option.WithMaxRetries(0))
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			mine := fmt.Sprint("model ", i)
			api := httpxtest.Mock(t, "api.openai.com")
			api.Expect("GET /v1/models/{id}").Times(4).Header("Authorization", "Bearer key").
				Reply(httpxtest.JSON(200, map[string]any{"id": mine, "object": "model", "created": 1, "owned_by": "us"}))
			withScope := scopetest.Context(t)
			own := openai.NewClient(option.WithAPIKey("key"), option.WithMaxRetries(0))
			for _, client := range []openai.Client{shared, own} {
				for n := range 2 {
					ctx := withScope
					if n == 0 && scope.Carrier() == "labels" {
						ctx = context.Background()
					}
					model, err := client.Models.Get(ctx, "gpt")
					require.NoError(t, err)
					assert.Equal(t, mine, model.ID)
				}
			}
		})
	}
}
