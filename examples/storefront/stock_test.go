package main_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/examples/storefront/shop"
)

func TestWhatIsNotThereIsNotSold(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.payments.Never("/")

	p := s.buy(cart("buoy", 4)).problem()

	assert.Equal(t, shop.Problem{Status: 409, Code: "out_of_stock", Message: "We have only 3 left of Harbour buoy.", Field: "items[0].quantity"}, p)
	assert.Equal(t, 3, s.stock("buoy"))
	assert.Zero(t, s.orders())
}

func TestTheLastPiecesAreSold(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.bought(cart("buoy", 3))

	assert.Zero(t, s.stock("buoy"))
	assert.Equal(t, "Harbour buoy is sold out.", s.buy(cart("buoy", 1)).problem().Message)
}

func TestACartIsReservedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := open(t)
	c := cart("rope", 2)
	c.Items = append(c.Items, shop.CartItem{Product: "buoy", Quantity: 4}, shop.CartItem{Product: "compass", Quantity: 1})

	p := s.buy(c).problem()

	assert.Equal(t, "items[1].quantity", p.Field)
	assert.Equal(t, []int{40, 3, 12}, []int{s.stock("rope"), s.stock("buoy"), s.stock("compass")})
}

// together places orders at once, and returns the statuses of the answers, sorted.
func (s *store) together(carts ...shop.Cart) (statuses []int) {
	s.t.Helper()
	statuses = make([]int, len(carts))
	var all sync.WaitGroup
	for i, c := range carts {
		all.Go(func() { statuses[i] = s.buy(c).status })
	}
	all.Wait()
	slices.Sort(statuses)
	return statuses
}

func TestOfManyCustomersOneGetsTheLastPieces(t *testing.T) {
	t.Parallel()
	s := open(t)
	paid := s.payments.Expect("POST /v1/charges").Reply(charged)

	statuses := s.together(slices.Repeat([]shop.Cart{cart("buoy", 2)}, 6)...)

	assert.Equal(t, []int{201, 409, 409, 409, 409, 409}, statuses)
	assert.Equal(t, 1, paid.Count())
	assert.Equal(t, 1, s.stock("buoy"))
}

// Two carts that list the same products in a different order don't deadlock.
func TestCartsInAnotherOrderDoNotLockEachOtherOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	there := cart("rope", 1)
	there.Items = append(there.Items, shop.CartItem{Product: "compass", Quantity: 1})
	back := there
	back.Items = []shop.CartItem{there.Items[1], there.Items[0]}

	statuses := s.together(there, back, there, back)

	assert.Equal(t, []int{201, 201, 201, 201}, statuses)
	assert.Equal(t, 36, s.stock("rope"))
	assert.Equal(t, 8, s.stock("compass"))
}

func TestOtherProductsAreStillSold(t *testing.T) {
	t.Parallel()
	s := open(t)

	statuses := s.together(cart("buoy", 4), cart("rope", 1), cart("compass", 13), cart("lantern", 8))

	assert.Equal(t, []int{201, 201, 409, 409}, statuses)
	assert.Equal(t, 2, s.orders())
}
