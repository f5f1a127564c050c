package boundaries

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"
)

func TestATestsScopeIsLive(t *testing.T) {
	t.Parallel()
	if scope.Carrier() != "labels" {
		t.Skip("with gls, only the context carries the test's scope")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, Customer.Get())
	}))
	defer server.Close()
	ctx := scopetest.Context(t)
	derived := scope.Set(ctx, Order, 42)

	scopetest.Set(t, Customer, "ada")

	assert.Equal(t, "ada", body(t, server))              // a server from before
	assert.Equal(t, "ada", scope.Get(ctx, Customer))     // a context from before
	assert.Equal(t, "ada", scope.Get(derived, Customer)) // and what was derived from it
	assert.Equal(t, 42, scope.Get(derived, Order))

	t.Run("subtest", func(t *testing.T) {
		scopetest.Set(t, Customer, "grace")
		assert.Equal(t, "grace", Customer.Get())
		assert.Equal(t, "ada", body(t, server)) // the parent started it, so it is the parent's
	})
}

// Order is the number of an order.
var Order = scope.NewKey("order", 0)

func body(t *testing.T, server *httptest.Server) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, nil)
	require.NoError(t, err)
	resp, err := server.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}
