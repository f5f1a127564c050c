package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARequestThatIsSentTwiceIsOneOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(charged)

	first := s.buy(cart("rope", 1), "Idempotency-Key", "k-1")
	second := s.buy(cart("rope", 1), "Idempotency-Key", "k-1")

	assert.Equal(t, 201, first.status)
	assert.Equal(t, 200, second.status)
	assert.Equal(t, first.order(), second.order())
	assert.Equal(t, 39, s.stock("rope"))
}

func TestAnotherKeyIsAnotherOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/charges").Times(2).Reply(charged)

	first := s.buy(cart("rope", 1), "Idempotency-Key", "k-1")
	second := s.buy(cart("rope", 1), "Idempotency-Key", "k-2")

	assert.Equal(t, 201, second.status)
	assert.NotEqual(t, first.order().ID, second.order().ID)
}

// If two customers use the same key, neither sees the order of the other.
func TestAKeyOfSomebodyElseIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(charged)
	s.buy(cart("rope", 1), "Idempotency-Key", "k")
	grace := cart("rope", 1)
	grace.Email = "grace@hopper.example"

	r := s.buy(grace, "Idempotency-Key", "k")

	assert.Equal(t, 422, r.status)
	assert.Equal(t, "Idempotency-Key", r.problem().Field)
	assert.NotContains(t, r.body, "ada@")
}

func TestWithoutAKeyEachRequestIsAnOrder(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.bought(cart("rope", 1))
	s.bought(cart("rope", 1))
	assert.Equal(t, 2, s.orders())
}

// A cart that is refused leaves nothing behind, so its key can be used again.
func TestACartThatWasRefusedMayBeSentAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	require.Equal(t, 409, s.buy(cart("buoy", 4), "Idempotency-Key", "k").status)
	assert.Equal(t, 201, s.buy(cart("buoy", 3), "Idempotency-Key", "k").status)
}

// An order that failed stays as it is. To try again, its customer sends another key.
func TestADeclinedOrderIsNotChargedAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Expect("POST /v1/charges").Reply(declined)
	require.Equal(t, 402, s.buy(cart("rope", 1), "Idempotency-Key", "k").status)

	again := s.buy(cart("rope", 1), "Idempotency-Key", "k")

	assert.Equal(t, 200, again.status)
	assert.EqualValues(t, "declined", again.order().Status)
}

func TestAKeyThatIsTooLongIsRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	p := s.buy(cart("rope", 1), "Idempotency-Key", strings.Repeat("k", 201)).problem()
	assert.Equal(t, "Idempotency-Key", p.Field)
}
