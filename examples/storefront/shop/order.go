package shop

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"time"
)

// An Order is one product in some quantity for one customer.
type Order struct {
	ID       string    `json:"id"`
	SKU      string    `json:"sku"`
	Quantity int64     `json:"quantity"`
	Email    string    `json:"email"`
	Total    Cents     `json:"total"`
	Status   Status    `json:"status"`
	Charge   string    `json:"-"` // the payment provider's id
	Tracking string    `json:"tracking,omitempty"`
	Placed   time.Time `json:"placed"`
}

// A Status says how far an order has come.
type Status string

const (
	Pending   Status = "pending"   // the pieces are reserved
	Declined  Status = "declined"  // the card was not accepted
	Failed    Status = "failed"    // an API failed, and all was taken back
	Shipped   Status = "shipped"   // paid and on its way
	Cancelled Status = "cancelled" // by the customer, and paid back
	Refunded  Status = "refunded"  // by the payment provider
)

// What can go wrong with an order, for errors.Is.
var (
	ErrNotFound    = errors.New("not found")
	ErrInvalid     = errors.New("invalid order")
	ErrOutOfStock  = errors.New("out of stock")
	ErrDeclined    = errors.New("the card was declined")
	ErrUnavailable = errors.New("a provider does not answer")
	ErrNotOpen     = errors.New("the order can't be cancelled any more")
)

// A Request is what a customer asks for. Card is the payment provider's token.
type Request struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
	Email    string `json:"email"`
	Card     string `json:"card"`
}

func (r Request) check() error {
	switch address, err := mail.ParseAddress(r.Email); {
	case r.SKU == "":
		return fmt.Errorf("%w: no product", ErrInvalid)
	case r.Quantity < 1:
		return fmt.Errorf("%w: quantity %d: want at least 1", ErrInvalid, r.Quantity)
	case r.Quantity > mostPerOrder():
		return fmt.Errorf("%w: quantity %d: want at most %d", ErrInvalid, r.Quantity, mostPerOrder())
	case err != nil || address.Address != r.Email:
		return fmt.Errorf("%w: email %q: want an address such as ada@example.com", ErrInvalid, r.Email)
	case r.Card == "":
		return fmt.Errorf("%w: no card", ErrInvalid)
	}
	return nil
}

// Place reserves the pieces, charges the card, books the parcel and writes a mail.
// Where a step fails, what came before is taken back. A mail that can't be sent
// fails no order.
func Place(ctx context.Context, r Request) (o Order, err error) {
	if err := r.check(); err != nil {
		return o, err
	}
	product, err := FindProduct(ctx, r.SKU)
	if err != nil {
		return o, err
	}
	o = Order{ID: rand.Text(), SKU: r.SKU, Quantity: r.Quantity, Email: r.Email, Status: Pending, Placed: time.Now().UTC()}
	o.Total = product.Price * Cents(r.Quantity)
	if o.Total < freeShippingFrom() {
		o.Total += shippingFee()
	}
	if err := reserve(ctx, o); err != nil {
		return o, err
	}

	if o.Charge, err = charge(ctx, o, r.Card); err != nil {
		o.Status = Failed
		if errors.Is(err, ErrDeclined) {
			o.Status = Declined
		}
		giveBack(ctx, o)
		slog.WarnContext(ctx, "order not paid", "order", o.ID, "total", o.Total, "error", err)
		return o, err
	}
	if o.Tracking, err = ship(ctx, o); err != nil {
		o.Status = Failed
		giveBack(ctx, o)
		payBack(ctx, o)
		slog.ErrorContext(ctx, "order not shipped", "order", o.ID, "error", err)
		return o, err
	}
	o.Status = Shipped
	if err := save(ctx, o); err != nil {
		return o, err
	}
	slog.InfoContext(ctx, "order placed", "order", o.ID, "sku", o.SKU, "total", o.Total)
	if err := write(o, "Your order "+o.ID, "We have sent it: "+o.Tracking); err != nil {
		slog.WarnContext(ctx, "mail not sent", "order", o.ID, "error", err)
	}
	return o, nil
}

// Cancel takes an order back that has been shipped: it pays the customer back, and
// puts the pieces into the stock again.
func Cancel(ctx context.Context, id string) (o Order, err error) {
	if o, err = FindOrder(ctx, id); err != nil {
		return o, err
	}
	if o.Status != Shipped {
		return o, fmt.Errorf("order %q is %s: %w", id, o.Status, ErrNotOpen)
	}
	if err := refund(ctx, o); err != nil {
		return o, err
	}
	o.Status = Cancelled
	giveBack(ctx, o)
	slog.InfoContext(ctx, "order cancelled", "order", o.ID, "total", o.Total)
	if err := write(o, "Your order "+o.ID+" is cancelled", "We have paid you back."); err != nil {
		slog.WarnContext(ctx, "mail not sent", "order", o.ID, "error", err)
	}
	return o, nil
}

// giveBack saves an order that came to nothing, and puts its pieces back. It does
// so also when the customer has gone.
func giveBack(ctx context.Context, o Order) {
	if err := release(context.WithoutCancel(ctx), o); err != nil {
		slog.ErrorContext(ctx, "stock not released", "order", o.ID, "error", err)
	}
}

func payBack(ctx context.Context, o Order) {
	if err := refund(context.WithoutCancel(ctx), o); err != nil {
		slog.ErrorContext(ctx, "charge not refunded", "order", o.ID, "charge", o.Charge, "error", err)
	}
}
