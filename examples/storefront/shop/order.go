package shop

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/http"
)

// A Status says how far an order has come.
type Status string

const (
	Pending    Status = "pending"    // the stock is reserved
	Confirmed  Status = "confirmed"  // paid, and on its way
	Declined   Status = "declined"   // the card was declined
	Failed     Status = "failed"     // a service failed; nothing is owed
	Cancelling Status = "cancelling" // a cancellation is under way
	Cancelled  Status = "cancelled"  // by the customer; nothing is owed
	RefundDue  Status = "refund_due" // over, but the payment could not be taken back
	Refunded   Status = "refunded"   // the payments service says that the money went back
	Disputed   Status = "disputed"   // the customer's bank wants the money back
)

var texts = map[Status]string{
	Pending: "Being made", Confirmed: "Confirmed", Declined: "The card was declined", Failed: "Failed, nothing was charged",
	Cancelling: "Being cancelled", Cancelled: "Cancelled", RefundDue: "Over, and the refund is still due",
	Refunded: "Refunded", Disputed: "Disputed",
}

// Text returns the status in the customer's words.
func (s Status) Text() string { return texts[s] }

// An Order is an order of a customer.
type Order struct {
	ID       string      `json:"id"`
	Status   Status      `json:"status"`
	Name     string      `json:"name"`
	Email    string      `json:"email"`
	Address  string      `json:"address"`
	Currency string      `json:"currency"`
	Shipping Cents       `json:"shipping"`
	Total    Cents       `json:"total"`
	Tracking string      `json:"tracking,omitempty"`
	Items    []OrderItem `json:"items"`
}

// An OrderItem is a product, how many pieces of it were ordered, and its price at that time.
type OrderItem struct {
	Product  string `json:"product"`
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
	Price    Cents  `json:"price"`
}

// newID returns a string that nobody can guess. Anyone who has an order's ID may see the order.
func newID() string { return rand.Text() }

var errNoOrder = &Problem{http.StatusNotFound, "no_such_order", "There is no such order.", ""}

// FindOrder returns an order, or a Problem if there is none.
func FindOrder(ctx context.Context, id string) (Order, error) { return findBy(ctx, "id", id) }

// findBy finds an order by a column whose values are unique.
func findBy(ctx context.Context, column, value string) (Order, error) {
	var o Order
	err := DB.QueryRowContext(ctx, "SELECT id, status, name, email, address, currency, shipping, total, tracking FROM orders WHERE "+column+" = $1", value).
		Scan(&o.ID, &o.Status, &o.Name, &o.Email, &o.Address, &o.Currency, &o.Shipping, &o.Total, &o.Tracking)
	if errors.Is(err, sql.ErrNoRows) {
		return Order{}, errNoOrder
	}
	if err != nil {
		return Order{}, err
	}
	rows, err := DB.QueryContext(ctx, "SELECT product_id, name, quantity, price FROM order_items WHERE order_id = $1 ORDER BY name", o.ID)
	if err != nil {
		return Order{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var item OrderItem
		if err := rows.Scan(&item.Product, &item.Name, &item.Quantity, &item.Price); err != nil {
			return Order{}, err
		}
		o.Items = append(o.Items, item)
	}
	return o, rows.Err()
}

// move changes the status of an order if it is one of from, and reports whether it did. If two requests move an order
// at the same time, only one succeeds.
func move(ctx context.Context, on execer, id string, to Status, from ...Status) (bool, error) {
	for _, status := range from {
		ok, err := changed(on.ExecContext(ctx, "UPDATE orders SET status = $1 WHERE id = $2 AND status = $3", to, id, status))
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// An execer is a *sql.DB or a *sql.Tx.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}
