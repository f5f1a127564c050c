package main_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

// whileAsked returns middleware for a fake: it calls f while the shop waits for the answer to a request.
func whileAsked(method string, f func()) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method {
				f()
			}
			next.ServeHTTP(w, r)
		})
	}
}

func TestAnOrderIsPendingWhileItIsPaid(t *testing.T) {
	t.Parallel()
	s := open(t)
	var meanwhile shop.Status
	s.payments.Use(whileAsked("POST", func() { meanwhile = s.status() }))

	s.bought(cart("rope", 1))

	assert.Equal(t, shop.Pending, meanwhile)
}

// A fake runs as part of its test, so it can read the test's database.
func TestTheStockIsReservedWhileItIsPaid(t *testing.T) {
	t.Parallel()
	s := open(t)
	var meanwhile int
	s.payments.Use(whileAsked("POST", func() { meanwhile = s.stock("rope") }))
	s.payments.Expect("POST /v1/charges").Reply(declined)

	s.buy(cart("rope", 7))

	assert.Equal(t, 33, meanwhile)
	assert.Equal(t, 40, s.stock("rope"))
}

// If a customer leaves while the card is charged, the shop completes the order.
func TestACustomerWhoLeavesLeavesNoHalfOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan bool)
	s.payments.Use(whileAsked("POST", func() {
		leave()
		<-left
	}))
	mail := s.mail.Expect("POST /v1/messages").Reply(httpxtest.Status(202))

	body := `{"items": [{"product": "rope", "quantity": 1}], "name": "Ada", "email": "ada@x.example", "address": "1 Quay", "card": "tok_visa"}`
	req, err := http.NewRequestWithContext(ctx, "POST", s.server.URL+"/api/orders", strings.NewReader(body))
	require.NoError(t, err)
	_, err = s.server.Client().Do(req)
	close(left)

	assert.ErrorIs(t, err, context.Canceled)
	assert.NoError(t, mail.Wait(t.Context()))
	assert.Equal(t, shop.Confirmed, s.status())
}
