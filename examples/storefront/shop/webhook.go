package shop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
)

// Sign returns the signature of a webhook's body: the HMAC-SHA256 in hexadecimal.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// paymentEvent is told what happens to a charge later. Events may come twice, and
// those of other kinds are taken and ignored.
func paymentEvent(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, "body too large", http.StatusRequestEntityTooLarge)
		return
	}
	secret := Getenv("PAYMENTS_WEBHOOK_SECRET")
	if secret == "" || !hmac.Equal([]byte(Sign(secret, body)), []byte(r.Header.Get("Payments-Signature"))) {
		slog.WarnContext(ctx, "webhook refused", "from", r.RemoteAddr)
		http.Error(w, "wrong signature", http.StatusForbidden)
		return
	}
	var event struct{ Type, Charge string }
	if err := json.Unmarshal(body, &event); err != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	if event.Type != "charge.refunded" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	o, err := findOrder(ctx, "charge", event.Charge)
	switch {
	case errors.Is(err, ErrNotFound) || event.Charge == "":
		http.Error(w, "unknown charge", http.StatusNotFound)
		return
	case err == nil && o.Status == Shipped:
		o.Status = Refunded
		err = save(ctx, o)
	}
	if err != nil {
		slog.ErrorContext(ctx, "webhook failed", "charge", event.Charge, "error", err)
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	slog.InfoContext(ctx, "order refunded", "order", o.ID)
	w.WriteHeader(http.StatusNoContent)
}
