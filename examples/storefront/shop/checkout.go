package shop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
)

// Checkout turns a cart into an order: it reserves the stock, charges the card, books the shipment and writes to the
// customer. If a step fails, it takes back the earlier ones. Only the e-mail may fail: the order is valid without it.
//
// If there is an order with the cart's key already, Checkout returns that order, and repeated is true.
func Checkout(ctx context.Context, c Cart) (o Order, repeated bool, err error) {
	cfg, err := loadConfig()
	if err != nil {
		return Order{}, false, err
	}
	if cfg.closed {
		return Order{}, false, &Problem{http.StatusServiceUnavailable, "closed", "The shop is closed. Please come back later.", ""}
	}
	if p := c.check(); p != nil {
		return Order{}, false, p
	}
	o, repeated, err = reserve(ctx, cfg, c)
	if err != nil {
		return Order{}, false, err
	}
	if repeated {
		return sameCustomer(o, c)
	}
	ctx = context.WithoutCancel(ctx) // a customer who leaves now must not leave half an order
	charge, err := pay(ctx, cfg, o, c.Card)
	if err != nil {
		return o, false, notPaid(ctx, cfg, o, c.Card, err)
	}
	if o.Tracking, err = ship(ctx, cfg, o); err != nil {
		return o, false, notShipped(ctx, cfg, o, err)
	}
	if err := confirm(ctx, o, charge); err != nil {
		if e := unship(ctx, cfg, o); e != nil {
			err = errors.Join(err, e)
		}
		abandon(ctx, cfg, o, Failed)
		return o, false, fmt.Errorf("order %s: confirm: %w", o.ID, err)
	}
	o.Status = Confirmed
	slog.Info("order placed", "order", o.ID, "total", o.Total, "currency", o.Currency, "card", c.Card)
	inform(ctx, cfg, o, "confirmed", "Your order at "+cfg.name,
		fmt.Sprintf("Thank you, %s. Your order %s over %s is on its way: %s.", o.Name, o.ID, o.Total.In(o.Currency), o.Tracking))
	return o, false, nil
}

// sameCustomer returns the order with the cart's key, if the cart is from the same customer. A key must never show the
// order of another customer.
func sameCustomer(o Order, c Cart) (Order, bool, error) {
	if o.Name != c.Name || o.Email != c.Email || o.Address != c.Address {
		return Order{}, false, invalid("Idempotency-Key", "This Idempotency-Key was used for another order.")
	}
	return o, true, nil
}

func confirm(ctx context.Context, o Order, charge string) error {
	_, err := DB.ExecContext(ctx, "UPDATE orders SET status = $1, charge = $2, tracking = $3 WHERE id = $4", Confirmed, charge, o.Tracking, o.ID)
	return err
}

// notPaid ends an order whose payment failed. After a decline nothing is owed. After any other error the card may still
// have been charged, for example if the answer was lost.
func notPaid(ctx context.Context, cfg config, o Order, card CardToken, err error) error {
	if refused(err, http.StatusPaymentRequired) {
		slog.Info("card declined", "order", o.ID, "card", card)
		end(ctx, o, Declined)
		return &Problem{http.StatusPaymentRequired, "card_declined", "Your card was declined. Nothing was charged.", "card"}
	}
	slog.Error("payment failed", "order", o.ID, "error", err)
	abandon(ctx, cfg, o, Failed)
	status := http.StatusBadGateway
	if errors.Is(err, context.DeadlineExceeded) {
		status = http.StatusGatewayTimeout
	}
	return &Problem{status, "payment_failed", "The payment did not go through. Please try again later.", ""}
}

// notShipped ends an order that is paid but can't be sent.
func notShipped(ctx context.Context, cfg config, o Order, err error) error {
	undeliverable := refused(err, http.StatusUnprocessableEntity)
	if !undeliverable {
		slog.Error("shipping failed", "order", o.ID, "error", err)
	}
	abandon(ctx, cfg, o, Failed)
	if undeliverable {
		return &Problem{http.StatusUnprocessableEntity, "undeliverable", "We can't deliver to this address. Nothing was charged.", "address"}
	}
	return &Problem{http.StatusBadGateway, "shipping_failed", "We can't send your order at the moment. Please try again later.", ""}
}

// abandon takes the payment back and ends the order. If it can't take the payment back, the refund is due.
func abandon(ctx context.Context, cfg config, o Order, status Status) Status {
	if err := takeBack(ctx, cfg, o); err != nil {
		slog.Error("payment not taken back", "order", o.ID, "error", err)
		status = RefundDue
	}
	end(ctx, o, status)
	return status
}

// end ends the order and puts its items back into the stock.
func end(ctx context.Context, o Order, status Status) {
	if err := release(ctx, o.ID, status); err != nil {
		slog.Error("stock not released", "order", o.ID, "error", err)
	}
}

// inform writes to the customer. The order is valid without the e-mail, so a failure is only logged.
func inform(ctx context.Context, cfg config, o Order, key, subject, text string) {
	if err := write(ctx, cfg, o, key, subject, text); err != nil {
		slog.Warn("e-mail not sent", "order", o.ID, "about", key, "error", err)
	}
}
