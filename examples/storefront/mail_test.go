package main_test

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

func TestAnOrderStandsWithoutItsEMail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reply    http.Handler
		attempts int
	}{
		"because the service fails":       {httpxtest.Status(500), 3},
		"because it refuses the address":  {httpxtest.Status(422), 1},
		"because the connection is reset": {httpxtest.Error(assert.AnError), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			s.payments.Never("POST /v1/voids")
			s.mail.Expect("POST /v1/messages").Times(test.attempts).Reply(test.reply)
			s.expectAgain("https://mail.example/v1/messages", test.attempts)
			s.log.Expect(slog.LevelWarn, "e-mail not sent", "about", "confirmed")

			order := s.bought(cart("rope", 1))

			assert.Equal(t, shop.Confirmed, s.get("/api/orders/"+order.ID).order().Status)
		})
	}
}

func TestEMailsHaveKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := open(t)
	order := s.bought(cart("rope", 1))
	s.send("POST", "/api/orders/"+order.ID+"/cancel", "")

	sent := s.mail.Requests()
	require.Len(t, sent, 2)
	assert.Equal(t, order.ID+"/confirmed", sent[0].Header.Get("Idempotency-Key"))
	assert.Equal(t, order.ID+"/cancelled", sent[1].Header.Get("Idempotency-Key"))
}
