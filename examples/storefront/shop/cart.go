package shop

import (
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
)

// A Cart has the products that a customer wants, and the address to send them to.
type Cart struct {
	Items   []CartItem `json:"items"`
	Name    string     `json:"name"`
	Email   string     `json:"email"`
	Address string     `json:"address"`
	Card    CardToken  `json:"card"`

	// Key is the Idempotency-Key of the request, or "". Requests with the same key make one order.
	Key string `json:"-"`
}

// A CartItem is a product, and how many pieces of it the customer wants.
type CartItem struct {
	Product  string `json:"product"`
	Quantity int64  `json:"quantity"`
}

// A CardToken stands for a card at the payments service. Anyone who has it can charge the card, so no log shows it.
type CardToken string

// LogValue hides the token.
func (CardToken) LogValue() slog.Value { return slog.StringValue("‹card›") }

// most is how many pieces of one product an order may have.
const most = 20

// check trims the fields of the cart, and returns the first problem with them, or nil.
func (c *Cart) check() *Problem {
	for _, f := range []struct {
		field string
		value *string
	}{{"name", &c.Name}, {"email", &c.Email}, {"address", &c.Address}, {"card", (*string)(&c.Card)}} {
		*f.value = strings.TrimSpace(*f.value)
		switch {
		case *f.value == "":
			return invalid(f.field, "Please give your %s.", f.field)
		case len(*f.value) > 500:
			return invalid(f.field, "Your %s is too long.", f.field)
		}
	}
	if a, err := mail.ParseAddress(c.Email); err != nil || a.Address != c.Email {
		return invalid("email", "%q is not an e-mail address.", c.Email)
	}
	if len(c.Key) > 200 {
		return invalid("Idempotency-Key", "The Idempotency-Key is too long.")
	}
	return c.checkItems()
}

func (c *Cart) checkItems() *Problem {
	if len(c.Items) == 0 {
		return invalid("items", "Please choose something.")
	}
	seen := map[string]bool{}
	for i, item := range c.Items {
		field := fmt.Sprintf("items[%d]", i)
		switch {
		case seen[item.Product]:
			return invalid(field+".product", "%q is listed twice.", item.Product)
		case item.Quantity < 1 || item.Quantity > most:
			return invalid(field+".quantity", "Please choose 1 to %d pieces.", most)
		}
		seen[item.Product] = true
	}
	return nil
}
