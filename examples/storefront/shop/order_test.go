package shop_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestAnOrderIsPaidShippedAndConfirmed(t *testing.T) {
	s := open(t)
	s.payments.Expect("POST /v1/charges").
		Header("Authorization", "Bearer sk_test").
		Reply(httpxtest.JSON(200, map[string]string{"id": "ch_1"}))
	s.ships()
	s.log.Expect(slog.LevelInfo, "order placed", "sku", "mug")
	s.log.Never(slog.LevelWarn)

	o, status := s.order(mug(2))

	assert.Equal(t, http.StatusCreated, status)
	assert.Equal(t, shop.Shipped, o.Status)
	assert.Equal(t, "PARCEL-1", o.Tracking)
	assert.Equal(t, shop.Cents(2*1250+490), o.Total)
	assert.EqualValues(t, 38, s.stock("mug"))
}

func TestAnOrderCanBeReadAgain(t *testing.T) {
	s := open(t)
	o := s.placed(mug(1))
	again, err := shop.FindOrder(t.Context(), o.ID)
	assert.NoError(t, err)
	assert.Equal(t, "ch_1", again.Charge)
	a := s.do("GET", "/api/orders/"+o.ID, nil)
	assert.Equal(t, 200, a.Status)
	assert.Contains(t, a.Body, `"status":"shipped"`)
	assert.NotContains(t, a.Body, "ch_1", "the provider's id is nobody's business")
}

func TestTheAnswerSaysWhereTheOrderIs(t *testing.T) {
	s := open(t)
	s.accepts()
	a := s.do("POST", "/api/orders", mug(1))
	assert.Equal(t, 201, a.Status)
	assert.Equal(t, 200, s.do("GET", a.Header.Get("Location"), nil).Status)
}

func TestSmallOrdersPayForShipping(t *testing.T) {
	for _, c := range []struct {
		sku    string
		pieces int64
		total  shop.Cents
	}{
		{"mug", 1, 1250 + 490},
		{"mug", 3, 3750 + 490},
		{"mug", 4, 5000},
		{"lamp", 1, 4900 + 490},
		{"lamp", 2, 9800},
		{"chair", 1, 123450},
	} {
		t.Run(fmt.Sprintf("%d %s", c.pieces, c.sku), func(t *testing.T) {
			s := open(t)
			s.payments.Expect("POST /v1/charges").BodyContains(fmt.Sprintf(`"amount":%d`, c.total)).
				Reply(httpxtest.JSON(200, map[string]string{"id": "ch_1"}))
			s.ships()
			o, _ := s.order(shop.Request{SKU: c.sku, Quantity: c.pieces, Email: "ada@example.com", Card: "tok_visa"})
			assert.Equal(t, c.total, o.Total)
		})
	}
}

func TestOrdersThatAreNotRightAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*shop.Request)
		want   string
	}{
		"no product":      {func(r *shop.Request) { r.SKU = "" }, "no product"},
		"no pieces":       {func(r *shop.Request) { r.Quantity = 0 }, "want at least 1"},
		"negative":        {func(r *shop.Request) { r.Quantity = -1 }, "want at least 1"},
		"too many":        {func(r *shop.Request) { r.Quantity = 11 }, "want at most 10"},
		"no email":        {func(r *shop.Request) { r.Email = "" }, `email \"\"`},
		"no domain":       {func(r *shop.Request) { r.Email = "ada" }, `email \"ada\"`},
		"a name too":      {func(r *shop.Request) { r.Email = "Ada <ada@example.com>" }, "want an address"},
		"two addresses":   {func(r *shop.Request) { r.Email = "a@example.com, b@example.com" }, "want an address"},
		"no card":         {func(r *shop.Request) { r.Card = "" }, "no card"},
		"header in email": {func(r *shop.Request) { r.Email = "a@example.com\r\nBcc: b@example.com" }, "want an address"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			r := mug(1)
			c.change(&r)
			a := s.do("POST", "/api/orders", r)
			assert.Equal(t, http.StatusUnprocessableEntity, a.Status)
			assert.Contains(t, strings.ReplaceAll(a.Body, `\u003c`, "<"), c.want)
			assert.Empty(t, s.statuses(), "nothing is kept")
		})
	}
}

func TestBodiesThatAreNoOrderAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"nothing":       {"", 422},
		"no JSON":       {"sku=mug", 422},
		"a list":        {"[]", 422},
		"unknown field": {`{"sku":"mug","quantitty":1}`, 422},
		"two values":    {`{"sku":"mug"} {}`, 422},
		"a fraction":    {`{"sku":"mug","quantity":1.5}`, 422},
		"too large":     {`{"sku":"` + strings.Repeat("x", 70<<10) + `"}`, 413},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			assert.Equal(t, c.status, s.do("POST", "/api/orders", c.body).Status)
		})
	}
}

func TestAnUnknownProductIsNotFound(t *testing.T) {
	s := open(t)
	r := mug(1)
	r.SKU = "sofa"
	a := s.do("POST", "/api/orders", r)
	assert.Equal(t, 404, a.Status)
	assert.Contains(t, a.Body, `product \"sofa\": not found`)
}

func TestWhatIsSoldOutCanNotBeOrdered(t *testing.T) {
	for sku, pieces := range map[string]int64{"print": 1, "chair": 4} {
		t.Run(sku, func(t *testing.T) {
			s := open(t)
			before := s.stock(sku)
			_, status := s.order(shop.Request{SKU: sku, Quantity: pieces, Email: "ada@example.com", Card: "tok_visa"})
			assert.Equal(t, http.StatusConflict, status)
			assert.Equal(t, before, s.stock(sku))
		})
	}
}

// Ten customers want one of three chairs at once. Their goroutines are in the test's
// scope, and so all use its database and its providers.
func TestTheLastPiecesGoToThoseWhoGetThem(t *testing.T) {
	s := open(t)
	s.payments.Stub("POST /v1/charges").Reply(httpxtest.JSON(200, map[string]string{"id": "ch_1"}))
	s.shipping.Stub("POST /shipments").Reply(httpxtest.JSON(200, map[string]string{"tracking": "PARCEL-1"}))
	s.mail.Stub("POST /messages").Reply(httpxtest.Status(202))
	var sold, refused atomic.Int64
	var customers sync.WaitGroup
	for range 10 {
		customers.Go(func() {
			switch _, err := shop.Place(t.Context(), shop.Request{SKU: "chair", Quantity: 1, Email: "ada@example.com", Card: "tok_visa"}); {
			case err == nil:
				sold.Add(1)
			default:
				assert.ErrorIs(t, err, shop.ErrOutOfStock)
				refused.Add(1)
			}
		})
	}
	customers.Wait()
	assert.EqualValues(t, 3, sold.Load())
	assert.EqualValues(t, 7, refused.Load())
	assert.Zero(t, s.stock("chair"))
	assert.Len(t, s.payments.Requests(), 3, "nobody pays for what is not there")
}

func TestTheSettingsOfOneTestAreItsOwn(t *testing.T) {
	for _, c := range []struct {
		name, value string
		pieces      int64
		total       shop.Cents
	}{
		{"SHOP_SHIPPING_FEE", "1000", 1, 2250},
		{"SHOP_SHIPPING_FEE", "0", 1, 1250},
		{"SHOP_FREE_SHIPPING_FROM", "1000", 1, 1250},
		{"SHOP_MAX_PER_ORDER", "20", 15, 18750},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			s := open(t)
			envtest.Setenv(t, c.name, c.value)
			assert.Equal(t, c.total, s.placed(mug(c.pieces)).Total)
		})
	}
}

func TestSettingsThatAreNoNumbersAreLoggedAndIgnored(t *testing.T) {
	for _, value := range []string{"many", "-1", "1.5", "99999999999999999999"} {
		t.Run(value, func(t *testing.T) {
			s := open(t)
			envtest.Setenv(t, "SHOP_SHIPPING_FEE", value)
			s.log.Expect(slog.LevelWarn, "setting ignored", "name", "SHOP_SHIPPING_FEE", "value", value)
			assert.Equal(t, shop.Cents(1740), s.placed(mug(1)).Total)
		})
	}
}
