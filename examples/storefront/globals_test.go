package main_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/logx/logtest"
	"github.com/scopetree/scope/scopetest"
)

// The README shows this test: each global of the shop is the test's own.
func TestCheckoutInFrancs(t *testing.T) {
	t.Parallel()
	scopetest.With(t, dbx.Route(shop.DB, database(t))) // any *sql.DB of this test: of pgtestdb, go-txdb, SQLite
	envtest.Setenv(t, "SHOP_CURRENCY", "CHF")          // t.Setenv's shape, safe under t.Parallel
	log := logtest.Capture(t)                          // what this test logs by package slog and package log
	log.Expect(slog.LevelInfo, "order placed", "currency", "CHF")
	httpxtest.Mock(t, "api.payments.example").Expect("POST /v1/charges").Reply(httpxtest.JSON(201, charge))

	order := checkout(t) // uses shop.DB, shop.Getenv, slog.Info and http.DefaultClient

	assert.Equal(t, "CHF", order.Currency)
}

var charge = map[string]string{"id": "ch_7"}

// checkout buys a lantern in a shop whose shipping and mail work.
func checkout(t *testing.T) shop.Order {
	t.Helper()
	require.NoError(t, shop.Migrate(t.Context()))
	httpxtest.Mock(t, "api.shipping.example").Stub("POST /v1/shipments").Reply(httpxtest.JSON(201, map[string]string{"tracking": "TRK-7"}))
	httpxtest.Mock(t, "mail.example").Stub("POST /v1/messages").Reply(httpxtest.Status(202))
	order, _, err := shop.Checkout(t.Context(), cart("lantern", 1))
	require.NoError(t, err)
	return order
}
