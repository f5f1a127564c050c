package main_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

const secretCard = "tok_4242424242424242"

// Neither the log nor an answer shows the card, whether the order succeeds or fails.
func TestNoLogShowsACard(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(s *store){
		"paid":     func(*store) {},
		"declined": func(s *store) { s.payments.Expect("POST /v1/charges").Reply(declined) },
		"not paid": func(s *store) {
			s.payments.Expect("POST /v1/charges").Reply(httpxtest.Status(400))
			s.log.Expect(slog.LevelError, "payment failed")
		},
		"not sent": func(s *store) {
			s.shipping.Expect("POST /v1/shipments").Reply(httpxtest.Status(400))
			s.log.Expect(slog.LevelError, "shipping failed")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			spoil(s)
			c := cart("rope", 1)
			c.Card = secretCard

			r := s.buy(c)

			assert.NotContains(t, r.body, secretCard)
			require.NotEmpty(t, s.log.Records())
			for _, record := range s.log.Records() {
				assert.NotContains(t, record.String(), secretCard)
			}
		})
	}
}

func TestTheLogHasTheOrderAndNotTheCustomer(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("buoy", 1))

	placed := s.log.Find(slog.LevelInfo, "order placed", "order", order.ID)

	require.Len(t, placed, 1)
	assert.Equal(t, "‹card›", placed[0].Value("card").String())
	assert.Len(t, s.log.Records(), 1)
	assert.NotContains(t, placed[0].String(), "ada@lovelace.example")
}

// Each line of the log belongs to the test that caused it, although the shop has one logger.
func TestALogHasItsOwnOrdersOnly(t *testing.T) {
	t.Parallel()
	for _, product := range []string{"buoy", "compass", "lantern", "rope"} {
		t.Run(product, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			orders := []shop.Order{s.bought(cart(product, 1)), s.bought(cart(product, 1))}

			for i, record := range s.log.Records() {
				assert.Equal(t, orders[i].ID, record.Value("order").String())
			}
			assert.Len(t, s.log.Records(), 2)
		})
	}
}

// The operator reads the database's error in the log. The customer does not see it.
func TestAnErrorOfTheDatabaseIsLogged(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, err := shop.DB.Exec("DROP TABLE order_items")
	require.NoError(t, err)
	s.log.Expect(slog.LevelError, "request failed", "method", "POST", "path", "/api/orders")

	p := s.buy(cart("rope", 1)).problem()

	assert.Equal(t, "internal", p.Code)
	assert.NotContains(t, p.Message, "order_items")
	assert.Contains(t, s.log.Find(slog.LevelError, "request failed")[0].Value("error").String(), "order_items")
	assert.Equal(t, 40, s.stock("rope"))
}

func TestHealth(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 200, open(t).get("/healthz").status)
}
