package clients

import (
	"context"
	"net/http"
	"testing"

	"github.com/stripe/stripe-go/v84"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestStripe(t *testing.T) { each(t, stripeGo) }

var stripeGo = client{
	name: "stripe-go", module: "github.com/stripe/stripe-go/v84",
	host: "api.stripe.com", pattern: "GET /v1/customers/cus_1", reply: stripeCustomer,
	usual: func() ask {
		return customer(stripe.NewClient("sk_test_key"))
	},
	hooked: func() ask {
		return customer(stripe.NewClient("sk_test_key",
			stripe.WithBackends(stripe.NewBackends(httpx.Client())), // the hook
		))
	},
}

func customer(c *stripe.Client) ask {
	return func(ctx context.Context) (string, error) {
		customer, err := c.V1Customers.Retrieve(ctx, "cus_1", nil)
		if err != nil {
			return "", err
		}
		return customer.Name, nil
	}
}

func stripeCustomer(name string) http.Handler {
	return httpxtest.JSON(200, map[string]string{"object": "customer", "id": "cus_1", "name": name})
}
