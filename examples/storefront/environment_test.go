package main_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestAClosedShopSellsNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	envtest.Setenv(t, "SHOP_CLOSED", "true")
	s.payments.Never("/")

	assert.Equal(t, "closed", s.buy(cart("rope", 1)).problem().Code)
	assert.Contains(t, s.get("/").body, "The shop is closed.")
	assert.Equal(t, 200, s.get("/api/products").status)
}

func TestOrdersAreInTheShopsCurrency(t *testing.T) {
	t.Parallel()
	for _, currency := range []string{"EUR", "USD", "CHF"} {
		t.Run(currency, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			envtest.Setenv(t, "SHOP_CURRENCY", currency)
			s.payments.Expect("POST /v1/charges").BodyContains(`"currency":"` + currency + `"`).Reply(charged)

			assert.Equal(t, currency, s.bought(cart("rope", 1)).Currency)
		})
	}
}

func TestAnOrderKeepsTheCurrencyOfTheDay(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("buoy", 1))
	envtest.Setenv(t, "SHOP_CURRENCY", "CHF")

	assert.Contains(t, s.get("/orders/"+order.ID).body, "€1,239.40")
}

func TestShippingIsFreeFromASubtotalOn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from string
		want shop.Cents
	}{
		"below it":    {"9001", 490},
		"at it":       {"9000", 0},
		"above it":    {"100", 0},
		"never":       {"0", 490},
		"not set":     {"", 490},
		"of too much": {"999999999", 490},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			envtest.Setenv(t, "FREE_SHIPPING_FROM", test.from)

			order := s.bought(cart("lantern", 2))

			assert.Equal(t, test.want, order.Shipping)
			assert.Equal(t, 9000+test.want, order.Total)
		})
	}
}

func TestBadVariablesAreNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ value, want string }{
		"SHOP_CURRENCY":      {"euro", `SHOP_CURRENCY="euro": want three capital letters, such as EUR`},
		"SHOP_CLOSED":        {"maybe", `SHOP_CLOSED="maybe": want true or false`},
		"SHIPPING_FEE":       {"-1", `SHIPPING_FEE="-1": want cents, such as 490`},
		"FREE_SHIPPING_FROM": {"50 EUR", `FREE_SHIPPING_FROM="50 EUR": want cents, such as 5000`},
		"SERVICE_TIMEOUT":    {"5", `SERVICE_TIMEOUT="5": want a duration above zero, such as 5s`},
		"RETRY_PAUSE":        {"0s", `RETRY_PAUSE="0s": want a duration above zero, such as 100ms`},
		"PAYMENTS_URL":       {"https://me:secret@x", "PAYMENTS_URL: want an http or https URL without user, query and fragment"},
		"SHIPPING_URL":       {"localhost:80", "SHIPPING_URL: want an http or https URL"},
		"MAIL_URL":           {"ftp://mail.example", "MAIL_URL: want an http or https URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			envtest.Setenv(t, name, test.value)
			s.log.Expect(slog.LevelError, "request failed", "path", "/api/orders")

			assert.ErrorContains(t, shop.CheckConfig(), test.want)
			r := s.buy(cart("rope", 1))
			assert.Equal(t, 500, r.status)
			assert.NotContains(t, r.body, name, "customers need not know")
		})
	}
}

// If a service has moved, the shop calls it at its new URL. That URL needs no route: it is an address
// on this machine.
func TestServicesCanBeElsewhere(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Never("/")
	elsewhere := httpxtest.NewServer(t)
	elsewhere.Expect("POST /pay/v1/charges").Reply(charged)
	envtest.Setenv(t, "PAYMENTS_URL", elsewhere.URL+"/pay/")

	s.bought(cart("rope", 1))
}
