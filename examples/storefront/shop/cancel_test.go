package shop_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestACancelledOrderIsPaidBack(t *testing.T) {
	s := open(t)
	o := s.placed(mug(2))
	s.payments.Expect("POST /v1/charges/ch_1/refund").Reply(httpxtest.Status(200))
	s.mail.Expect("POST /messages").BodyContains("is cancelled").Reply(httpxtest.Status(202))

	a := s.do("POST", "/api/orders/"+o.ID+"/cancel", nil)

	assert.Equal(t, 200, a.Status)
	assert.Contains(t, a.Body, `"status":"cancelled"`)
	assert.EqualValues(t, 40, s.stock("mug"))
}

func TestAnOrderIsCancelledOnce(t *testing.T) {
	s := open(t)
	o := s.placed(mug(2))
	s.payments.Expect("POST /v1/charges/ch_1/refund").Reply(httpxtest.Status(200))
	s.mail.Expect("POST /messages").Reply(httpxtest.Status(202))
	s.do("POST", "/api/orders/"+o.ID+"/cancel", nil)
	a := s.do("POST", "/api/orders/"+o.ID+"/cancel", nil)
	assert.Equal(t, http.StatusConflict, a.Status)
	assert.Contains(t, a.Body, "is cancelled: the order can't be cancelled any more")
	assert.EqualValues(t, 40, s.stock("mug"))
}

func TestARefundThatFailsLeavesTheOrder(t *testing.T) {
	s := open(t)
	o := s.placed(mug(2))
	s.payments.Expect("POST /v1/charges/ch_1/refund").Reply(httpxtest.Status(503))
	assert.Equal(t, http.StatusBadGateway, s.do("POST", "/api/orders/"+o.ID+"/cancel", nil).Status)
	assert.Equal(t, []shop.Status{shop.Shipped}, s.statuses())
	assert.EqualValues(t, 38, s.stock("mug"))
}

func TestAnUnknownOrderIsNotFound(t *testing.T) {
	for _, r := range []string{"GET /api/orders/x", "POST /api/orders/x/cancel", "GET /orders/x"} {
		t.Run(r, func(t *testing.T) {
			s := open(t)
			method, path, _ := strings.Cut(r, " ")
			a := s.do(method, path, nil)
			assert.Equal(t, 404, a.Status)
			assert.Contains(t, a.Body, "not found")
		})
	}
}

const secret = "whsec_test"

// event tells the shop of an event, signed.
func (s *store) event(body string) int {
	r := httptest.NewRequest("POST", "/webhooks/payments", strings.NewReader(body))
	r.Header.Set("Payments-Signature", shop.Sign(secret, []byte(body)))
	return s.send(r).Status
}

func TestAWebhookOfTheProviderRefundsAnOrder(t *testing.T) {
	s := open(t)
	envtest.Setenv(t, "PAYMENTS_WEBHOOK_SECRET", secret)
	s.placed(mug(1))
	for range 2 { // events may come twice
		assert.Equal(t, 204, s.event(`{"type":"charge.refunded","charge":"ch_1"}`))
		assert.Equal(t, []shop.Status{shop.Refunded}, s.statuses())
	}
}

func TestOtherWebhooksChangeNothing(t *testing.T) {
	for _, c := range []struct {
		body   string
		status int
	}{
		{`{"type":"charge.updated","charge":"ch_1"}`, 204},
		{`{"type":"charge.refunded","charge":"ch_2"}`, 404},
		{`{"type":"charge.refunded"}`, 404},
		{`no JSON`, 400},
		{`{"type":"` + strings.Repeat("x", 70<<10) + `"}`, 413},
	} {
		t.Run(fmt.Sprintf("%.40s", c.body), func(t *testing.T) {
			s := open(t)
			envtest.Setenv(t, "PAYMENTS_WEBHOOK_SECRET", secret)
			s.placed(mug(1))
			assert.Equal(t, c.status, s.event(c.body))
			assert.Equal(t, []shop.Status{shop.Shipped}, s.statuses())
		})
	}
}

func TestAWebhookNeedsItsSignature(t *testing.T) {
	for name, key := range map[string]string{"another secret": "whsec_other", "no secret": ""} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			envtest.Setenv(t, "PAYMENTS_WEBHOOK_SECRET", key)
			s.placed(mug(1))
			s.warns("webhook refused")
			assert.Equal(t, http.StatusForbidden, s.event(`{"type":"charge.refunded","charge":"ch_1"}`))
			assert.Equal(t, []shop.Status{shop.Shipped}, s.statuses())
		})
	}
}
