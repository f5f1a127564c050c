package shop_test

import (
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
)

func (s *store) form(values url.Values) answer {
	r := httptest.NewRequest("POST", "/orders", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(r)
}

func chair() url.Values {
	return url.Values{"sku": {"chair"}, "quantity": {"1"}, "email": {"ada@example.com"}, "card": {"tok_s3cret"}}
}

func TestTheAPIListsTheProducts(t *testing.T) {
	s := open(t)
	a := s.do("GET", "/api/products", nil)
	assert.Equal(t, 200, a.Status)
	assert.JSONEq(t, `[
		{"sku":"chair","name":"Chair, oak","price":123450,"stock":3},
		{"sku":"lamp","name":"Desk lamp","price":4900,"stock":12},
		{"sku":"mug","name":"Mug, 300 ml","price":1250,"stock":40},
		{"sku":"print","name":"Print “Dünen”, A2","price":2900,"stock":0}]`, a.Body)
}

func TestAnEmptyShopHasAnEmptyList(t *testing.T) {
	s := open(t)
	_, err := shop.DB.ExecContext(t.Context(), "DELETE FROM products")
	require.NoError(t, err)
	assert.Equal(t, "[]\n", s.do("GET", "/api/products", nil).Body)
	assert.NotContains(t, s.do("GET", "/", nil).Body, "<form")
}

func TestOneProduct(t *testing.T) {
	for sku, status := range map[string]int{"mug": 200, "sofa": 404, "%20": 404} {
		t.Run(sku, func(t *testing.T) {
			s := open(t)
			assert.Equal(t, status, s.do("GET", "/api/products/"+sku, nil).Status)
		})
	}
}

func TestThePageShowsProductsAndPrices(t *testing.T) {
	s := open(t)
	a := s.do("GET", "/", nil)
	assert.Equal(t, 200, a.Status)
	assert.Contains(t, a.Body, "<td>1,234.50</td>")
	assert.Contains(t, a.Body, "<td>sold out</td>")
	assert.Contains(t, a.Body, `<option value="print" disabled>`)
	assert.Contains(t, a.Header.Get("Content-Security-Policy"), "default-src 'none'")
}

func TestAnOrderOnThePage(t *testing.T) {
	s := open(t)
	s.accepts()
	a := s.form(chair())
	require.Equal(t, 303, a.Status, a.Body)
	page := s.do("GET", a.Header.Get("Location"), nil)
	assert.Equal(t, 200, page.Status)
	assert.Contains(t, page.Body, `<dd id="total">1,234.50 EUR</dd>`)
	assert.Contains(t, page.Body, `<dd id="tracking">PARCEL-1</dd>`)
}

func TestThePageKeepsWhatWasTypedButNoCard(t *testing.T) {
	s := open(t)
	values := chair()
	values.Set("quantity", "99")
	a := s.form(values)
	assert.Equal(t, 422, a.Status)
	assert.Contains(t, a.Body, "want at most 10")
	assert.Contains(t, a.Body, `value="99"`)
	assert.Contains(t, a.Body, `value="ada@example.com"`)
	assert.Contains(t, a.Body, `<option value="chair" selected>`)
	assert.NotContains(t, a.Body, "tok_s3cret")
}

func TestQuantitiesThatAreNoNumbers(t *testing.T) {
	for _, quantity := range []string{"", "two", "1e3", "9999999999999999999999"} {
		t.Run(quantity, func(t *testing.T) {
			s := open(t)
			values := chair()
			values.Set("quantity", quantity)
			a := s.form(values)
			assert.Equal(t, 422, a.Status)
			assert.Contains(t, a.Body, "quantity: want a number")
		})
	}
}

func TestThePageIsSafeFromItsProducts(t *testing.T) {
	s := open(t)
	const name = `<script>alert("x")</script>`
	require.NoError(t, shop.AddProducts(t.Context(), shop.DB, shop.Product{SKU: `"><b>`, Name: name, Price: 1, Stock: 1}))
	body := s.do("GET", "/", nil).Body
	assert.NotContains(t, body, "<script>")
	assert.Contains(t, body, "&lt;script&gt;")
	assert.NotContains(t, body, `"><b>`)
}

func TestThePageUsesTheShopsCurrency(t *testing.T) {
	s := open(t)
	envtest.Setenv(t, "SHOP_CURRENCY", "CHF")
	assert.Contains(t, s.do("GET", "/", nil).Body, "Price in CHF")
}

func TestADatabaseThatIsGoneIsSaidToNobodyButTheLog(t *testing.T) {
	for path, status := range map[string]int{"/": 500, "/api/products": 500, "/api/orders/x": 500, "/healthz": 503} {
		t.Run(path, func(t *testing.T) {
			s := open(t)
			_, err := shop.DB.ExecContext(t.Context(), "DROP TABLE orders")
			require.NoError(t, err)
			_, err = shop.DB.ExecContext(t.Context(), "DROP TABLE products")
			require.NoError(t, err)
			a := s.do("GET", path, nil)
			if path == "/healthz" {
				assert.Equal(t, "ok\n", a.Body, "the server is there")
				return
			}
			assert.Equal(t, status, a.Status)
			assert.NotContains(t, a.Body, "SQL")
			s.log.Expect(slog.LevelError, "request failed", "path", path)
		})
	}
}

func TestMoneyForPeople(t *testing.T) {
	for cents, want := range map[shop.Cents]string{
		0: "0.00", 5: "0.05", 100: "1.00", 99999: "999.99", 100000: "1,000.00", 123456789: "1,234,567.89", -1250: "-12.50",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, want, cents.String())
		})
	}
}
