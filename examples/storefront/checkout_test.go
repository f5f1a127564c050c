package main_test

import (
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestCheckout(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(httpxtest.JSON(201, map[string]string{"id": "ch_7"}))
	s.shipping.Expect("POST /v1/shipments").Reply(httpxtest.JSON(201, map[string]string{"tracking": "TRK-7"}))
	s.mail.Expect("POST /v1/messages").BodyContains("TRK-7").Reply(httpxtest.Status(202))
	s.log.Expect(slog.LevelInfo, "order placed", "total", 9490, "currency", "EUR")

	order := s.bought(cart("lantern", 2))

	assert.Equal(t, "TRK-7", order.Tracking)
	assert.Equal(t, 6, s.stock("lantern"))
}

func TestAnOrderIsThereToRead(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := s.buy(cart("lantern", 2))
	order := r.order()
	assert.Equal(t, "/api/orders/"+order.ID, r.header.Get("Location"))

	assert.Equal(t, order, s.get("/api/orders/"+order.ID).order())

	assert.Equal(t, shop.Order{
		ID: order.ID, Status: shop.Confirmed, Name: "Ada", Email: "ada@lovelace.example", Address: "1 Quay\nHamburg",
		Currency: "EUR", Shipping: 490, Total: 9490, Tracking: "TRK-1",
		Items: []shop.OrderItem{{Product: "lantern", Name: "Storm lantern", Quantity: 2, Price: 4500}},
	}, order)
}

func TestAnOrderOfMoreThanOneProduct(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := cart("rope", 3)
	c.Items = append(c.Items, shop.CartItem{Product: "compass", Quantity: 1})

	order := s.bought(c)

	assert.Equal(t, shop.Cents(3*1850+2900+490), order.Total)
	assert.Equal(t, 37, s.stock("rope"))
	assert.Equal(t, 11, s.stock("compass"))
}

func TestOrdersKeepThePriceOfTheDay(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("rope", 1))
	_, err := shop.DB.Exec("UPDATE products SET price = 1, name = 'String'")
	require.NoError(t, err)

	assert.Equal(t, order, s.get("/api/orders/"+order.ID).order())
}

func TestPaymentsAreAskedForTheTotal(t *testing.T) {
	t.Parallel()
	s := open(t)
	charge := s.payments.Expect("POST /v1/charges").
		Header("Authorization", "Bearer key-of-"+t.Name()).
		Header("Content-Type", "application/json").
		BodyContains("tok_visa"). // reads the body, so the journal has it
		Reply(charged)

	order := s.bought(cart("buoy", 1))

	require.Equal(t, 1, charge.Count())
	sent := s.payments.Requests()[0]
	assert.Equal(t, order.ID, sent.Header.Get("Idempotency-Key"))
	assert.JSONEq(t, `{"order": "`+order.ID+`", "amount": 123940, "currency": "EUR", "card": "tok_visa"}`, string(sent.Body))
}

func TestShippingGetsTheAddressAndNotTheCard(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.shipping.Expect("POST /v1/shipments").BodyContains("1 Quay").Reply(httpxtest.JSON(201, map[string]string{"tracking": "TRK-1"}))

	order := s.bought(cart("compass", 2))

	sent := s.shipping.Requests()[0]
	assert.Empty(t, sent.Header.Get("Authorization"))
	assert.JSONEq(t, `{"order": "`+order.ID+`", "name": "Ada", "address": "1 Quay\nHamburg", "items": [
		{"product": "compass", "name": "Pocket compass", "quantity": 2, "price": 2900}
	]}`, string(sent.Body))
}

func TestCustomersGetAnEMail(t *testing.T) {
	t.Parallel()
	s := open(t)
	envtest.Setenv(t, "MAIL_FROM", "ahoy@tide.example")
	s.mail.Expect("POST /v1/messages").BodyContains("Thank you").Reply(httpxtest.Status(202))

	order := s.bought(cart("buoy", 1))

	var mail struct{ From, To, Subject, Text string }
	require.NoError(t, json.Unmarshal(s.mail.Requests()[0].Body, &mail))
	assert.Equal(t, "ahoy@tide.example", mail.From)
	assert.Equal(t, "ada@lovelace.example", mail.To)
	assert.Equal(t, "Your order at Tide & Lantern", mail.Subject)
	assert.Equal(t, "Thank you, Ada. Your order "+order.ID+" over €1,239.40 is on its way: TRK-1.", mail.Text)
}

// The shop calls the services one after another: no shipment without a payment, and no e-mail without a
// shipment.
func TestServicesAreAskedInTurn(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.bought(cart("rope", 1))

	paid, shipped, written := s.payments.Requests(), s.shipping.Requests(), s.mail.Requests()
	require.Len(t, paid, 1)
	require.Len(t, shipped, 1)
	require.Len(t, written, 1)
	assert.True(t, paid[0].Time.Before(shipped[0].Time))
	assert.True(t, shipped[0].Time.Before(written[0].Time))
}
