package main_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

var (
	charged  = httpxtest.JSON(201, map[string]string{"id": "ch_1"})
	declined = httpxtest.JSON(402, map[string]string{"message": "insufficient funds"})
)

func TestADeclinedCardCostsNothing(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(declined)
	s.payments.Never("POST /v1/voids")
	s.shipping.Never("/")
	s.mail.Never("/")
	s.log.Expect(slog.LevelInfo, "card declined")

	p := s.buy(cart("lantern", 2)).problem()

	assert.Equal(t, shop.Problem{Status: 402, Code: "card_declined", Message: "Your card was declined. Nothing was charged.", Field: "card"}, p)
	assert.Equal(t, shop.Declined, s.status())
	assert.Equal(t, 8, s.stock("lantern"))
}

// The shop retries an error that may pass. It sends the same key, so the card is charged once.
func TestPaymentsAreTriedAgain(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]http.Handler{
		"after an error of theirs":        httpxtest.Status(500),
		"when they are busy":              httpxtest.Status(429),
		"after a broken connection":       httpxtest.RoundTrip(func(*http.Request) (*http.Response, error) { return nil, assert.AnError }),
		"after half an answer":            httpxtest.EOFAfter(5, charged),
		"after an answer that is no JSON": httpxtest.Text(200, "<html>"),
		"after an answer that is no HTTP": httpxtest.Malformed("SMTP 220"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.payments.Expect("POST /v1/charges").Times(2).Reply(httpxtest.Sequence(failure, charged))
			s.payments.Never("POST /v1/voids")
			s.log.Expect(slog.LevelWarn, "trying again", "url", "https://api.payments.example/v1/charges", "attempt", 1)

			order := s.bought(cart("rope", 1))

			for _, sent := range s.payments.Requests() {
				assert.Equal(t, order.ID, sent.Header.Get("Idempotency-Key"))
			}
		})
	}
}

// A payment that failed may still have charged the card. So the shop takes it back.
func TestAPaymentThatFailedIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reply    http.Handler
		attempts int
	}{
		"with their error, three times":  {httpxtest.Status(503), 3},
		"with our key, which is refused": {httpxtest.JSON(401, map[string]string{"message": "bad key"}), 1},
		"with a request that is refused": {httpxtest.JSON(400, map[string]string{"message": "no such currency"}), 1},
		"with a charge that has no name": {httpxtest.JSON(201, map[string]string{}), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.payments.Expect("POST /v1/charges").Times(test.attempts).Reply(test.reply)
			s.payments.Expect("POST /v1/voids").Reply(httpxtest.Status(200))
			s.shipping.Never("/")
			s.expectAgain("https://api.payments.example/v1/charges", test.attempts)
			s.log.Expect(slog.LevelError, "payment failed")

			p := s.buy(cart("lantern", 2)).problem()

			assert.Equal(t, shop.Problem{Status: 502, Code: "payment_failed", Message: "The payment did not go through. Please try again later."}, p)
			assert.Equal(t, shop.Failed, s.status())
			assert.Equal(t, 8, s.stock("lantern"))
		})
	}
}

// expectAgain expects the log to say that a service is called again, until it was called attempts times.
func (s *store) expectAgain(url string, attempts int) {
	for n := 1; n < attempts; n++ {
		s.log.Expect(slog.LevelWarn, "trying again", "url", url, "attempt", n)
	}
}

// In a bubble of testing/synctest, time is fake, so three attempts of five seconds each take no time. A bubble has no
// sockets, so the fakes are in memory, and the test calls the shop's handler directly.
func TestAPaymentThatTakesTooLongIsTakenBack(t *testing.T) {
	t.Parallel()
	took(t) // measures real time
	synctest.Test(t, func(t *testing.T) {
		s := furnish(t, httpxtest.InMemory())
		s.payments.Expect("POST /v1/charges").Times(3).Reply(httpxtest.Stall())
		s.payments.Expect("POST /v1/voids").Reply(httpxtest.Status(200))
		s.expectAgain("https://api.payments.example/v1/charges", 3)
		s.log.Expect(slog.LevelError, "payment failed")
		body, err := json.Marshal(cart("lantern", 2))
		require.NoError(t, err)
		began, w := time.Now(), httptest.NewRecorder()

		shop.New().ServeHTTP(w, httptest.NewRequest("POST", "/api/orders", bytes.NewReader(body)))

		p := reply{t, w.Code, w.Header(), w.Body.String()}.problem()
		assert.Equal(t, 504, p.Status)
		assert.Equal(t, "payment_failed", p.Code)
		assert.Equal(t, 8, s.stock("lantern"))
		assert.GreaterOrEqual(t, time.Since(began), 15*time.Second)
	})
}

func TestAPaymentThatWasNeverMadeNeedsNoVoid(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(httpxtest.Status(400))
	s.payments.Expect("POST /v1/voids").Reply(httpxtest.JSON(404, map[string]string{"message": "no charge"}))
	s.log.Expect(slog.LevelError, "payment failed")

	s.buy(cart("rope", 1))

	assert.Equal(t, shop.Failed, s.status())
}

func TestAPaymentThatCantBeTakenBackIsDue(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(httpxtest.Status(400))
	s.payments.Expect("POST /v1/voids").Times(3).Reply(httpxtest.Status(500))
	s.expectAgain("https://api.payments.example/v1/voids", 3)
	s.log.Expect(slog.LevelError, "payment failed")
	s.log.Expect(slog.LevelError, "payment not taken back")

	s.buy(cart("rope", 1))

	assert.Equal(t, shop.RefundDue, s.status())
	assert.Equal(t, 40, s.stock("rope"))
}
