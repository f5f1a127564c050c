package shop_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestADeclinedCardCostsNothing(t *testing.T) {
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(httpxtest.JSON(402, map[string]string{"error": "insufficient funds"}))
	s.shipping.Never("/")
	s.warns("order not paid")

	a := s.do("POST", "/api/orders", mug(2))

	assert.Equal(t, http.StatusPaymentRequired, a.Status)
	assert.Contains(t, a.Body, "the card was declined")
	assert.Equal(t, []shop.Status{shop.Declined}, s.statuses())
	assert.EqualValues(t, 40, s.stock("mug"), "the pieces are back")
}

func TestAProviderThatRecoversIsAskedAgain(t *testing.T) {
	ok := httpxtest.JSON(200, map[string]string{"id": "ch_1"})
	for name, first := range map[string]http.Handler{
		"503":       httpxtest.Status(503),
		"500":       httpxtest.Status(500),
		"429":       httpxtest.Status(429),
		"truncated": httpxtest.Truncated(100, `{"id":`),
		"no JSON":   httpxtest.Text(200, "<html>maintenance</html>"),
		"malformed": httpxtest.Malformed("SSH-2.0-OpenSSH"),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.payments.Expect("POST /v1/charges").Times(2).Reply(httpxtest.Sequence(first, ok))
			s.ships()
			_, status := s.order(mug(1))
			assert.Equal(t, http.StatusCreated, status)

			sent := s.payments.Requests()
			require.Len(t, sent, 2)
			key := sent[0].Header.Get("Idempotency-Key")
			assert.NotEmpty(t, key)
			assert.Equal(t, key, sent[1].Header.Get("Idempotency-Key"), "so that the card is charged once")
		})
	}
}

func TestAProviderThatStaysDownFailsTheOrder(t *testing.T) {
	for name, reply := range map[string]http.Handler{
		"503":      httpxtest.Status(503),
		"no JSON":  httpxtest.Text(200, "welcome to our wifi"),
		"stalling": httpxtest.Stall(),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			envtest.Setenv(t, "SHOP_API_TIMEOUT_MILLISECONDS", "50")
			s.payments.Expect("POST /v1/charges").Times(3).Reply(reply)
			s.warns("order not paid")
			a := s.do("POST", "/api/orders", mug(1))
			assert.Equal(t, http.StatusBadGateway, a.Status)
			assert.Contains(t, a.Body, "nothing was charged")
			assert.Equal(t, []shop.Status{shop.Failed}, s.statuses())
			assert.EqualValues(t, 40, s.stock("mug"))
		})
	}
}

func TestAMistakeOfOursIsNotRepeated(t *testing.T) {
	for name, status := range map[string]int{"bad request": 400, "wrong key": 401, "gone": 410} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.payments.Expect("POST /v1/charges").Reply(httpxtest.Status(status))
			s.warns("order not paid")
			_, got := s.order(mug(1))
			assert.Equal(t, http.StatusBadGateway, got)
		})
	}
}

func TestAChargeWithoutAnIDIsNoCharge(t *testing.T) {
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(httpxtest.JSON(200, map[string]string{}))
	s.warns("order not paid")
	_, status := s.order(mug(1))
	assert.Equal(t, http.StatusBadGateway, status)
}

func TestTheChargeIsInTheShopsCurrency(t *testing.T) {
	for _, currency := range []string{"EUR", "USD", "CHF"} {
		t.Run(currency, func(t *testing.T) {
			s := open(t)
			envtest.Setenv(t, "SHOP_CURRENCY", currency)
			s.payments.Expect("POST /v1/charges").BodyContains(`"currency":"` + currency + `"`).
				Reply(httpxtest.JSON(200, map[string]string{"id": "ch_1"}))
			s.ships()
			_, status := s.order(mug(1))
			assert.Equal(t, http.StatusCreated, status)
		})
	}
}

func TestNoCardIsEverLogged(t *testing.T) {
	const card = "tok_c4rd"
	for name, reply := range map[string]http.Handler{
		"paid":     httpxtest.JSON(200, map[string]string{"id": "ch_1"}),
		"declined": httpxtest.Status(402),
		"down":     httpxtest.Status(503),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.payments.Stub("POST /v1/charges").Reply(reply)
			s.shipping.Stub("POST /shipments").Reply(httpxtest.JSON(200, map[string]string{"tracking": "PARCEL-1"}))
			s.mail.Stub("POST /messages").Reply(httpxtest.Status(202))
			r := mug(1)
			r.Card = card
			s.order(r)
			assert.NotEmpty(t, s.log.Records())
			assert.NotContains(t, s.logged(), card)
		})
	}
}

func TestACustomerWhoGoesLeavesNothingReserved(t *testing.T) {
	s := open(t)
	ctx, leave := context.WithTimeout(t.Context(), short)
	defer leave()
	s.payments.Stub("POST /v1/charges").Reply(httpxtest.Stall())
	s.warns("order not paid")
	began := time.Now()
	_, err := shop.Place(ctx, mug(1))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, time.Since(began), 5*time.Second)
	assert.EqualValues(t, 40, s.stock("mug"))
	assert.Equal(t, []shop.Status{shop.Failed}, s.statuses())
}
