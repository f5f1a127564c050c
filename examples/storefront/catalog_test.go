package main_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
)

func TestProductsAreListedByName(t *testing.T) {
	t.Parallel()
	r := open(t).get("/api/products")

	assert.Equal(t, 200, r.status)
	assert.Equal(t, "application/json", r.header.Get("Content-Type"))
	assert.JSONEq(t, `{"currency": "EUR", "products": [
		{"id": "buoy", "name": "Harbour buoy", "price": 123450, "stock": 3},
		{"id": "compass", "name": "Pocket compass", "price": 2900, "stock": 12},
		{"id": "lantern", "name": "Storm lantern", "price": 4500, "stock": 8},
		{"id": "rope", "name": "Ten fathoms of rope", "price": 1850, "stock": 40}
	]}`, r.body)
}

func TestAnEmptyShopListsNoProducts(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, err := shop.DB.Exec("DELETE FROM products")
	require.NoError(t, err)

	assert.JSONEq(t, `{"currency": "EUR", "products": []}`, s.get("/api/products").body)
}

func TestProductsAreInTheShopsCurrency(t *testing.T) {
	t.Parallel()
	s := open(t)
	envtest.Setenv(t, "SHOP_CURRENCY", "CHF")

	assert.Contains(t, s.get("/api/products").body, `"currency":"CHF"`)
}

func TestMigratingTwiceKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.bought(cart("buoy", 1))

	require.NoError(t, shop.Migrate(t.Context()))

	assert.Equal(t, 2, s.stock("buoy"))
	assert.Equal(t, 1, s.orders())
}

func TestMoneyIsWrittenForPeople(t *testing.T) {
	t.Parallel()
	for want, amount := range map[string]struct {
		cents    shop.Cents
		currency string
	}{
		"€0.00":           {0, "EUR"},
		"€0.05":           {5, "EUR"},
		"$12.30":          {1230, "USD"},
		"£999.99":         {99999, "GBP"},
		"€1,234.50":       {123450, "EUR"},
		"€1,234,567.89":   {123456789, "EUR"},
		"−€1,000.00":      {-100000, "EUR"},
		"100,000.00 CHF":  {10000000, "CHF"},
		"−1.01 SEK":       {-101, "SEK"},
		"€100,000,000.00": {10000000000, "EUR"},
	} {
		assert.Equal(t, want, amount.cents.In(amount.currency))
	}
}
