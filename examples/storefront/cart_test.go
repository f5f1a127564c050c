package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/examples/storefront/shop"
)

// The shop checks the cart before it calls a service or stores anything.
func TestBadCartsAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil          func(c *shop.Cart)
		field, message string
	}{
		"no items":           {func(c *shop.Cart) { c.Items = nil }, "items", "Please choose something."},
		"no pieces":          {func(c *shop.Cart) { c.Items[0].Quantity = 0 }, "items[0].quantity", "Please choose 1 to 20 pieces."},
		"fewer than none":    {func(c *shop.Cart) { c.Items[0].Quantity = -1 }, "items[0].quantity", "Please choose 1 to 20 pieces."},
		"too many pieces":    {func(c *shop.Cart) { c.Items[0].Quantity = 21 }, "items[0].quantity", "Please choose 1 to 20 pieces."},
		"unknown product":    {func(c *shop.Cart) { c.Items[0].Product = "anchor" }, "items[0].product", `There is no product "anchor".`},
		"the same twice":     {func(c *shop.Cart) { c.Items = append(c.Items, c.Items[0]) }, "items[1].product", `"rope" is listed twice.`},
		"no name":            {func(c *shop.Cart) { c.Name = " " }, "name", "Please give your name."},
		"no e-mail":          {func(c *shop.Cart) { c.Email = "" }, "email", "Please give your email."},
		"no address":         {func(c *shop.Cart) { c.Address = "\n" }, "address", "Please give your address."},
		"no card":            {func(c *shop.Cart) { c.Card = "" }, "card", "Please give your card."},
		"a long name":        {func(c *shop.Cart) { c.Name = strings.Repeat("a", 501) }, "name", "Your name is too long."},
		"an odd e-mail":      {func(c *shop.Cart) { c.Email = "ada" }, "email", `"ada" is not an e-mail address.`},
		"an e-mail's header": {func(c *shop.Cart) { c.Email = "Ada <ada@x.example>" }, "email", `"Ada <ada@x.example>" is not an e-mail address.`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.payments.Never("/")
			s.shipping.Never("/")
			s.mail.Never("/")
			c := cart("rope", 2)
			test.spoil(&c)

			p := s.buy(c).problem()

			assert.Equal(t, shop.Problem{Status: 422, Code: "invalid", Message: test.message, Field: test.field}, p)
			assert.Zero(t, s.orders())
			assert.Equal(t, 40, s.stock("rope"))
		})
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body    string
		status  int
		message string
	}{
		"no body":          {"", 400, "EOF"},
		"not JSON":         {"buoy", 400, "invalid character"},
		"cut off":          {`{"items": [`, 400, "unexpected EOF"},
		"another type":     {`{"items": "buoy"}`, 400, "cannot unmarshal string"},
		"an unknown field": {`{"coupon": "FREE"}`, 400, `unknown field "coupon"`},
		"two carts":        {`{} {}`, 400, "more than one value"},
		"too large":        {`{"name": "` + strings.Repeat("a", 65<<10) + `"}`, 413, "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := open(t).send("POST", "/api/orders", test.body)
			assert.Equal(t, test.status, r.status)
			assert.Contains(t, r.problem().Message, test.message)
		})
	}
}

func TestUnknownOrderIsNotFound(t *testing.T) {
	t.Parallel()
	s := open(t)
	want := shop.Problem{Status: 404, Code: "no_such_order", Message: "There is no such order."}
	assert.Equal(t, want, s.get("/api/orders/1").problem())
	assert.Equal(t, want, s.send("POST", "/api/orders/1/cancel", "").problem())
}

func TestOtherMethodsAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := s.send("DELETE", "/api/products", "")
	assert.Equal(t, 405, r.status)
	assert.Equal(t, "GET, HEAD", r.header.Get("Allow"))
	assert.Equal(t, 404, s.get("/api/coupons").status)
}
