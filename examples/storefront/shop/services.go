package shop

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// pay charges the card for the order, and returns the charge's ID. It charges the card once, even if called again.
func pay(ctx context.Context, cfg config, o Order, card CardToken) (string, error) {
	var charge struct{ ID string }
	err := call(ctx, cfg, request{http.MethodPost, cfg.payments + "/v1/charges", o.ID, cfg.paymentsKey, map[string]any{
		"order": o.ID, "amount": o.Total, "currency": o.Currency, "card": card,
	}}, &charge)
	if err == nil && charge.ID == "" {
		err = errors.New("payments: the charge has no id")
	}
	return charge.ID, err
}

// takeBack voids or refunds what was paid for the order, if anything was.
func takeBack(ctx context.Context, cfg config, o Order) error {
	err := call(ctx, cfg, request{http.MethodPost, cfg.payments + "/v1/voids", o.ID + "/void", cfg.paymentsKey, map[string]any{"order": o.ID}}, nil)
	if refused(err, http.StatusNotFound) { // nothing was paid
		return nil
	}
	return err
}

// ship books a shipment, and returns its tracking code.
func ship(ctx context.Context, cfg config, o Order) (string, error) {
	var shipment struct{ Tracking string }
	err := call(ctx, cfg, request{http.MethodPost, cfg.shipping + "/v1/shipments", o.ID, "", map[string]any{
		"order": o.ID, "name": o.Name, "address": o.Address, "items": o.Items,
	}}, &shipment)
	if err == nil && shipment.Tracking == "" {
		err = errors.New("shipping: the shipment has no tracking code")
	}
	return shipment.Tracking, err
}

// unship cancels a shipment. A shipment that does not exist counts as cancelled.
func unship(ctx context.Context, cfg config, o Order) error {
	err := call(ctx, cfg, request{method: http.MethodDelete, url: cfg.shipping + "/v1/shipments/" + url.PathEscape(o.Tracking), key: o.ID + "/unship"}, nil)
	if refused(err, http.StatusNotFound) {
		return nil
	}
	return err
}

// write sends the customer an e-mail. key tells the e-mails of an order apart.
func write(ctx context.Context, cfg config, o Order, key, subject, text string) error {
	return call(ctx, cfg, request{http.MethodPost, cfg.mail + "/v1/messages", o.ID + "/" + key, "", map[string]any{
		"from": cfg.mailFrom, "to": o.Email, "subject": subject, "text": text,
	}}, nil)
}
