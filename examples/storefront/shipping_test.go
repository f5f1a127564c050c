package main_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestAShipmentThatFailsIsRefunded(t *testing.T) {
	t.Parallel()
	s := open(t)
	charge := s.payments.Expect("POST /v1/charges").Reply(charged)
	s.payments.Expect("POST /v1/voids").After(charge).Reply(httpxtest.Status(200))
	s.shipping.Expect("POST /v1/shipments").Times(3).Reply(httpxtest.Status(500))
	s.mail.Never("/")
	s.expectAgain("https://api.shipping.example/v1/shipments", 3)
	s.log.Expect(slog.LevelError, "shipping failed")

	p := s.buy(cart("buoy", 2)).problem()

	assert.Equal(t, 502, p.Status)
	assert.Equal(t, "shipping_failed", p.Code)
	assert.Equal(t, shop.Failed, s.status())
	assert.Equal(t, 3, s.stock("buoy"))
}

// The customer gave the address, so this is no error of the shop, and the log has none.
func TestAnAddressThatNobodyGoesToIsRefunded(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/voids").Reply(httpxtest.Status(200))
	s.shipping.Expect("POST /v1/shipments").Reply(httpxtest.JSON(422, map[string]string{"message": "no such place"}))

	p := s.buy(cart("buoy", 1)).problem()

	assert.Equal(t, shop.Problem{Status: 422, Code: "undeliverable", Message: "We can't deliver to this address. Nothing was charged.", Field: "address"}, p)
	assert.Equal(t, shop.Failed, s.status())
}

func TestAShipmentIsTriedAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Never("POST /v1/voids")
	s.shipping.Expect("POST /v1/shipments").Times(3).Reply(httpxtest.Sequence(
		httpxtest.Status(503), httpxtest.Status(502), httpxtest.JSON(201, map[string]string{"tracking": "TRK-3"})))
	s.expectAgain("https://api.shipping.example/v1/shipments", 3)

	assert.Equal(t, "TRK-3", s.bought(cart("rope", 1)).Tracking)
}

func TestAShipmentWithNoTrackingCodeIsRefunded(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/voids").Reply(httpxtest.Status(200))
	s.shipping.Expect("POST /v1/shipments").Reply(httpxtest.JSON(201, map[string]string{}))
	s.log.Expect(slog.LevelError, "shipping failed", "error", "shipping: the shipment has no tracking code")

	assert.Equal(t, 502, s.buy(cart("rope", 1)).status)
}

// Neither the shipment nor the refund works, so the order says that the customer is owed
// money.
func TestARefundThatFailsIsDue(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/voids").Reply(httpxtest.JSON(409, map[string]string{"message": "being settled"}))
	s.shipping.Expect("POST /v1/shipments").Reply(httpxtest.Status(400))
	s.log.Expect(slog.LevelError, "shipping failed")
	s.log.Expect(slog.LevelError, "payment not taken back")

	s.buy(cart("rope", 1))

	assert.Equal(t, shop.RefundDue, s.status())
	assert.Contains(t, s.log.Find(slog.LevelError, "payment not taken back")[0].Value("error").String(), "answered 409 Conflict: being settled")
}

// The last step is the shop's own: its database refuses the confirmation.
func TestAnOrderThatCantBeConfirmedIsTakenBack(t *testing.T) {
	t.Parallel()
	s := open(t)
	disk := `CREATE TRIGGER disk BEFORE UPDATE ON orders WHEN NEW.status = 'confirmed' BEGIN SELECT RAISE(ABORT, 'disk full'); END`
	if *onPostgres {
		disk = `ALTER TABLE orders ADD CONSTRAINT disk_full CHECK (status <> 'confirmed')`
	}
	_, err := shop.DB.Exec(disk)
	require.NoError(t, err)
	s.payments.Expect("POST /v1/voids").Reply(httpxtest.Status(200))
	s.shipping.Expect("DELETE /v1/shipments/TRK-1").Reply(httpxtest.Status(204))
	s.mail.Never("/")
	s.log.Expect(slog.LevelError, "request failed", "path", "/api/orders")

	p := s.buy(cart("rope", 1)).problem()

	assert.Equal(t, shop.Problem{Status: 500, Code: "internal", Message: "Something went wrong on our side. Please try again later."}, p)
	assert.Equal(t, shop.Failed, s.status())
	assert.Equal(t, 40, s.stock("rope"))
}
