package clients

import (
	"context"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestAzure(t *testing.T) { each(t, azureCore) }

// All of Azure's clients are built on azcore's client, and take its options.
var azureCore = client{
	name: "azcore", module: "github.com/Azure/azure-sdk-for-go/sdk/azcore",
	host: "management.azure.com", pattern: "GET /subscriptions/1", reply: azureSubscription,
	escapes: true,
	usual: func() ask {
		return subscription(&azcore.ClientOptions{
			Retry: policy.RetryOptions{MaxRetries: -1}, // none
		})
	},
	hooked: func() ask {
		return subscription(&azcore.ClientOptions{
			Transport: httpx.Client(), // the hook
		})
	},
}

func subscription(options *azcore.ClientOptions) ask {
	c := must(azcore.NewClient("subscriptions", "v1.0.0", runtime.PipelineOptions{}, options))
	return func(ctx context.Context) (string, error) {
		req, err := runtime.NewRequest(ctx, http.MethodGet, "https://management.azure.com/subscriptions/1")
		if err != nil {
			return "", err
		}
		resp, err := c.Pipeline().Do(req)
		if err != nil {
			return "", err
		}
		var subscription struct{ DisplayName string }
		err = runtime.UnmarshalAsJSON(resp, &subscription)
		return subscription.DisplayName, err
	}
}

func azureSubscription(name string) http.Handler {
	return httpxtest.JSON(200, map[string]string{"displayName": name})
}
