package shop_test

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestAnOrderThatCanNotBeShippedIsPaidBack(t *testing.T) {
	for name, reply := range map[string]http.Handler{
		"500":                httpxtest.Status(500),
		"no tracking number": httpxtest.JSON(200, map[string]string{}),
		"no JSON":            httpxtest.Text(200, "ok"),
		"reset":              httpxtest.Reset(),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.payments.Expect("POST /v1/charges").Reply(httpxtest.JSON(200, map[string]string{"id": "ch_7"}))
			s.shipping.Expect("POST /shipments").Reply(reply)
			s.payments.Expect("POST /v1/charges/ch_7/refund").Reply(httpxtest.Status(200))
			s.mail.Never("/")
			s.log.Expect(slog.LevelError, "order not shipped")

			_, status := s.order(mug(1))

			assert.Equal(t, http.StatusBadGateway, status)
			assert.Equal(t, []shop.Status{shop.Failed}, s.statuses())
			assert.EqualValues(t, 40, s.stock("mug"))
		})
	}
}

func TestARefundThatFailsIsLoggedWithItsCharge(t *testing.T) {
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(httpxtest.JSON(200, map[string]string{"id": "ch_7"}))
	s.shipping.Expect("POST /shipments").Reply(httpxtest.Status(500))
	s.payments.Expect("POST /v1/charges/{id}/refund").Reply(httpxtest.Status(500))
	s.log.Expect(slog.LevelError, "charge not refunded", "charge", "ch_7")
	_, status := s.order(mug(1))
	assert.Equal(t, http.StatusBadGateway, status)
}

func TestTheParcelHasWhatWasOrdered(t *testing.T) {
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(httpxtest.JSON(200, map[string]string{"id": "ch_1"}))
	s.shipping.Expect("POST /shipments").BodyContains(`"pieces":3`).BodyContains(`"sku":"mug"`).
		Reply(httpxtest.JSON(200, map[string]string{"tracking": "PARCEL-1"}))
	s.mail.Expect("POST /messages").Reply(httpxtest.Status(202))
	s.order(mug(3))
}

func TestAMailThatFailsFailsNoOrder(t *testing.T) {
	for name, reply := range map[string]http.Handler{"500": httpxtest.Status(500), "reset": httpxtest.Reset()} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.payments.Expect("POST /v1/charges").Reply(httpxtest.JSON(200, map[string]string{"id": "ch_1"}))
			s.shipping.Expect("POST /shipments").Reply(httpxtest.JSON(200, map[string]string{"tracking": "PARCEL-1"}))
			s.mail.Expect("POST /messages").Reply(reply)
			s.warns("mail not sent")
			o, status := s.order(mug(1))
			assert.Equal(t, http.StatusCreated, status)
			assert.Equal(t, shop.Shipped, o.Status)
		})
	}
}

// The function that writes mails has no context: it finds the test by its goroutine.
func TestTheMailComesFromTheShopOfThisTest(t *testing.T) {
	for _, from := range []string{"orders@acme.example", "shop@umbrella.example"} {
		t.Run(from, func(t *testing.T) {
			s := open(t)
			envtest.Setenv(t, "MAIL_FROM", from)
			s.payments.Expect("POST /v1/charges").Reply(httpxtest.JSON(200, map[string]string{"id": "ch_1"}))
			s.shipping.Expect("POST /shipments").Reply(httpxtest.JSON(200, map[string]string{"tracking": "PARCEL-9"}))
			s.mail.Expect("POST /messages").
				BodyContains(`"from":"` + from + `"`).BodyContains(`"to":"ada@example.com"`).BodyContains("PARCEL-9").
				Reply(httpxtest.Status(202))
			s.order(mug(1))
		})
	}
}
