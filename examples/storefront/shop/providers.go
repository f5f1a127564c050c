package shop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// The shop's providers are APIs that speak JSON.

// charge has the card charged with an order's total, and returns the charge's id. It
// may ask several times: the order's id keeps the card from being charged twice.
func charge(ctx context.Context, o Order, card string) (id string, err error) {
	body := map[string]any{"amount": o.Total, "currency": Currency(), "card": card, "order": o.ID}
	var answer struct{ ID string }
	for try := range 3 {
		if try > 0 {
			if err := pause(ctx, retryWait()); err != nil {
				return "", err
			}
		}
		err = call(ctx, paymentsURL()+"/v1/charges", body, &answer, "Idempotency-Key", o.ID, "Authorization", "Bearer "+Getenv("PAYMENTS_KEY"))
		var status statusError
		switch {
		case err == nil && answer.ID == "":
			return "", fmt.Errorf("payments: an answer without an id: %w", ErrUnavailable)
		case err == nil:
			return answer.ID, nil
		case errors.As(err, &status) && status == http.StatusPaymentRequired:
			return "", fmt.Errorf("payments: %w", ErrDeclined)
		case errors.As(err, &status) && status < 500 && status != http.StatusTooManyRequests:
			return "", fmt.Errorf("payments: %w: %w", err, ErrUnavailable) // asking again would not help
		}
	}
	return "", fmt.Errorf("payments: %w: %w", err, ErrUnavailable)
}

// refund has an order's charge paid back.
func refund(ctx context.Context, o Order) error {
	err := call(ctx, paymentsURL()+"/v1/charges/"+o.Charge+"/refund", struct{}{}, nil, "Authorization", "Bearer "+Getenv("PAYMENTS_KEY"))
	if err != nil {
		return fmt.Errorf("payments: %w: %w", err, ErrUnavailable)
	}
	return nil
}

// ship books a parcel, and returns its tracking number.
func ship(ctx context.Context, o Order) (tracking string, err error) {
	var answer struct{ Tracking string }
	err = call(ctx, shippingURL()+"/shipments", map[string]any{"order": o.ID, "sku": o.SKU, "pieces": o.Quantity}, &answer)
	if err == nil && answer.Tracking == "" {
		err = errors.New("an answer without a tracking number")
	}
	if err != nil {
		return "", fmt.Errorf("shipping: %w: %w", err, ErrUnavailable)
	}
	return answer.Tracking, nil
}

// write sends the customer a mail. It has no context, as many old functions.
func write(o Order, subject, text string) error {
	body := map[string]string{"from": Getenv("MAIL_FROM"), "to": o.Email, "subject": subject, "text": text}
	if err := call(context.Background(), mailURL()+"/messages", body, nil); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}

// statusError is an answer that is no success.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("answered %d %s", int(e), http.StatusText(int(e))) }

// call posts body as JSON and reads the answer, if one is wanted.
func call(ctx context.Context, url string, body, answer any, header ...string) error {
	ctx, cancel := context.WithTimeout(ctx, apiTimeout())
	defer cancel()
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
		return statusError(resp.StatusCode)
	}
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(answer); err != nil {
		return fmt.Errorf("answered with no JSON: %w", err)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
