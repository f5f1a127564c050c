package main_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func (s *store) cancel(id string) reply {
	s.t.Helper()
	return s.send("POST", "/api/orders/"+id+"/cancel", "")
}

func TestAnOrderCanBeCancelled(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("buoy", 2))
	s.shipping.Expect("DELETE /v1/shipments/TRK-1").Reply(httpxtest.Status(204))
	s.payments.Expect("POST /v1/voids").JSONBody(map[string]string{"order": order.ID}).Reply(httpxtest.Status(200))
	s.mail.Expect("POST /v1/messages").BodyContains("€2,473.90 will be back on your card").Reply(httpxtest.Status(202))
	s.log.Expect(slog.LevelInfo, "order cancelled", "order", order.ID)

	r := s.cancel(order.ID)

	assert.Equal(t, 200, r.status)
	assert.Equal(t, shop.Cancelled, r.order().Status)
	assert.Equal(t, shop.Cancelled, s.status())
	assert.Equal(t, 3, s.stock("buoy"))
}

func TestToCancelTwiceIsToCancelOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("buoy", 2))
	s.payments.Expect("POST /v1/voids").Reply(httpxtest.Status(200))
	s.cancel(order.ID)

	r := s.cancel(order.ID)

	assert.Equal(t, shop.Cancelled, r.order().Status)
	assert.Equal(t, 3, s.stock("buoy"))
}

func TestAnOrderThatIsOnItsWayStands(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("buoy", 2))
	s.shipping.Expect("DELETE /v1/shipments/TRK-1").Reply(httpxtest.JSON(409, map[string]string{"message": "handed over"}))
	s.payments.Never("POST /v1/voids")

	p := s.cancel(order.ID).problem()

	assert.Equal(t, 409, p.Status)
	assert.Equal(t, "already_sent", p.Code)
	assert.Equal(t, shop.Confirmed, s.status())
	assert.Equal(t, 1, s.stock("buoy"))
}

func TestAnOrderWhoseShipmentCantBeStoppedStands(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("buoy", 2))
	s.shipping.Expect("DELETE /v1/shipments/TRK-1").Times(3).Reply(httpxtest.Status(500))
	s.payments.Never("POST /v1/voids")
	s.expectAgain("https://api.shipping.example/v1/shipments/TRK-1", 3)
	s.log.Expect(slog.LevelError, "shipment not cancelled", "order", order.ID)

	assert.Equal(t, 502, s.cancel(order.ID).status)
	assert.Equal(t, shop.Confirmed, s.status())
}

func TestAShipmentThatIsGoneIsAsGoodAsCancelled(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("rope", 1))
	s.shipping.Expect("DELETE /v1/shipments/TRK-1").Reply(httpxtest.Status(404))

	assert.Equal(t, shop.Cancelled, s.cancel(order.ID).order().Status)
}

func TestARefundThatFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("rope", 1))
	s.payments.Expect("POST /v1/voids").Times(2).Reply(httpxtest.Sequence(httpxtest.Status(409), httpxtest.Status(200)))
	s.log.Expect(slog.LevelError, "payment not taken back", "order", order.ID)

	assert.Equal(t, "refund_due", s.cancel(order.ID).problem().Code)
	assert.Equal(t, shop.RefundDue, s.status())
	assert.Equal(t, 40, s.stock("rope"))

	assert.Equal(t, shop.Cancelled, s.cancel(order.ID).order().Status)
	assert.Equal(t, 40, s.stock("rope"))
}

// While one request cancels the order, another one can't.
func TestOfTwoCancellationsOneIsMade(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("rope", 1))
	second := make(chan reply, 1)
	s.shipping.Expect("DELETE /v1/shipments/TRK-1").Reply(httpxtest.Status(204))
	s.shipping.Use(whileAsked("DELETE", func() { second <- s.cancel(order.ID) }))
	s.payments.Expect("POST /v1/voids").Reply(httpxtest.Status(200))

	assert.Equal(t, 200, s.cancel(order.ID).status)
	assert.Equal(t, "not_cancellable", (<-second).problem().Code)
}

func TestADisputedOrderCantBeCancelled(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("rope", 1))
	_, err := shop.DB.Exec("UPDATE orders SET status = $1", shop.Disputed)
	require.NoError(t, err)
	s.payments.Never("POST /v1/voids")

	assert.Equal(t, 409, s.cancel(order.ID).status)
}
