package main_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
)

// tell sends a webhook, signed as the payments service does.
func (s *store) tell(id, event, charge string) reply {
	s.t.Helper()
	body := fmt.Sprintf(`{"id": %q, "type": %q, "charge": %q}`, id, event, charge)
	return s.tellSigned(body, shop.Sign("secret-of-"+s.t.Name(), time.Now(), []byte(body)))
}

func (s *store) tellSigned(body, signature string) reply {
	s.t.Helper()
	return s.send("POST", "/webhooks/payments", body, "Payments-Signature", signature)
}

func TestWebhooksMoveAnOrder(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]shop.Status{
		"charge.refunded":  shop.Refunded,
		"charge.disputed":  shop.Disputed,
		"charge.succeeded": shop.Confirmed, // which the shop knows already
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			order := s.bought(cart("rope", 1))
			if want == shop.Disputed {
				s.log.Expect(slog.LevelWarn, "payment disputed", "order", order.ID, "charge", "ch_1")
			}

			assert.Equal(t, 204, s.tell("evt_1", event, "ch_1").status)
			assert.Equal(t, want, s.status())
		})
	}
}

func TestAWebhookThatIsSentTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.bought(cart("rope", 1))
	s.log.Expect(slog.LevelWarn, "payment disputed")

	for range 3 {
		assert.Equal(t, 204, s.tell("evt_1", "charge.disputed", "ch_1").status)
	}
	assert.Len(t, s.log.Find(slog.LevelWarn, "payment disputed"), 1)
}

// The service sends it again later. So the event must not be taken for one that was seen.
func TestAWebhookThatComesTooEarlyIsSentAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	assert.Equal(t, "no_such_charge", s.tell("evt_1", "charge.refunded", "ch_1").problem().Code)
	s.bought(cart("rope", 1))

	assert.Equal(t, 204, s.tell("evt_1", "charge.refunded", "ch_1").status)
	assert.Equal(t, shop.Refunded, s.status())
}

func TestWebhooksOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	const body = `{"id": "evt_1", "type": "charge.refunded", "charge": "ch_1"}`
	for name, sign := range map[string]func(secret string) string{
		"no signature":            func(string) string { return "" },
		"not a signature":         func(string) string { return "t=now,v1=none" },
		"another secret":          func(string) string { return shop.Sign("guess", time.Now(), []byte(body)) },
		"another body":            func(secret string) string { return shop.Sign(secret, time.Now(), []byte(`{}`)) },
		"of ten minutes ago":      func(secret string) string { return shop.Sign(secret, time.Now().Add(-10*time.Minute), []byte(body)) },
		"of in ten minutes' time": func(secret string) string { return shop.Sign(secret, time.Now().Add(10*time.Minute), []byte(body)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.bought(cart("rope", 1))
			s.log.Expect(slog.LevelWarn, "webhook refused: bad signature")

			r := s.tellSigned(body, sign("secret-of-"+t.Name()))

			assert.Equal(t, 401, r.status)
			assert.Equal(t, "bad_signature", r.problem().Code)
			assert.Equal(t, shop.Confirmed, s.status())
		})
	}
}

// Without a secret, anyone could sign: so an empty one is none.
func TestWithoutASecretThereAreNoWebhooks(t *testing.T) {
	t.Parallel()
	s := open(t)
	envtest.Unsetenv(t, "WEBHOOK_SECRET")
	s.log.Expect(slog.LevelError, "webhook refused: WEBHOOK_SECRET is not set")

	assert.Equal(t, 503, s.tellSigned("{}", shop.Sign("", time.Now(), []byte("{}"))).status)
}

func TestAWebhookThatIsNoEventIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, body := range []string{"", "[]", "{}"} {
		r := s.tellSigned(body, shop.Sign("secret-of-"+t.Name(), time.Now(), []byte(body)))
		assert.Equal(t, 400, r.status, body)
	}
}
