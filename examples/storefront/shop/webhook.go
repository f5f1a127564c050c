package shop

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An event is a message of the payments service about a charge.
type event struct{ ID, Type, Charge string }

// tolerance is how old a signature may be.
const tolerance = 5 * time.Minute

// Sign returns the value of the Payments-Signature header for a body sent at the given time.
func Sign(secret string, sent time.Time, body []byte) string {
	stamp := strconv.FormatInt(sent.Unix(), 10)
	return "t=" + stamp + ",v1=" + hex.EncodeToString(mac(secret, stamp, body))
}

func mac(secret, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}

// signed reports whether header is a recent signature of the body, made with the secret.
func signed(header, secret string, body []byte) bool {
	stamp, sum, ok := strings.Cut(strings.TrimPrefix(header, "t="), ",v1=")
	sent, err := strconv.ParseInt(stamp, 10, 64)
	got, err2 := hex.DecodeString(sum)
	return ok && err == nil && err2 == nil &&
		time.Since(time.Unix(sent, 0)).Abs() <= tolerance &&
		hmac.Equal(got, mac(secret, stamp, body))
}

func receive(w http.ResponseWriter, r *http.Request) {
	cfg, err := loadConfig()
	if err != nil {
		fail(w, r, err)
		return
	}
	if cfg.webhookSecret == "" {
		slog.Error("webhook refused: WEBHOOK_SECRET is not set")
		fail(w, r, &Problem{http.StatusServiceUnavailable, "no_webhooks", "This shop takes no webhooks.", ""})
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		fail(w, r, &Problem{http.StatusBadRequest, "bad_body", "The body could not be read.", ""})
		return
	}
	if !signed(r.Header.Get("Payments-Signature"), cfg.webhookSecret, body) {
		slog.Warn("webhook refused: bad signature", "from", r.RemoteAddr)
		fail(w, r, &Problem{http.StatusUnauthorized, "bad_signature", "The signature is missing, wrong or too old.", ""})
		return
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil || e.ID == "" {
		fail(w, r, &Problem{http.StatusBadRequest, "bad_json", "The body is not the JSON of an event.", ""})
		return
	}
	if err := apply(r.Context(), e); err != nil {
		fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// apply does what an event asks for, once. It returns an error for a charge that the shop does not know, so that the
// service sends the event again. The order of that charge may still be under way.
func apply(ctx context.Context, e event) error {
	to := map[string]Status{"charge.refunded": Refunded, "charge.disputed": Disputed}[e.Type]
	if to == "" {
		return nil // the shop ignores other events
	}
	return inTx(ctx, func(tx *sql.Tx) error {
		first, err := changed(tx.ExecContext(ctx, "INSERT INTO payment_events (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", e.ID))
		if err != nil || !first {
			return err
		}
		var id string
		err = tx.QueryRowContext(ctx, "SELECT id FROM orders WHERE charge = $1 AND charge <> ''", e.Charge).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return &Problem{http.StatusNotFound, "no_such_charge", "There is no such charge.", "charge"}
		}
		if err != nil {
			return err
		}
		if _, err := move(ctx, tx, id, to, Confirmed, RefundDue); err != nil {
			return err
		}
		if to == Disputed {
			slog.Warn("payment disputed", "order", id, "charge", e.Charge)
		}
		return nil
	})
}
