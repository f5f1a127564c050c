// Package fakes has the shop's providers for when there is no network: the payment
// provider, the parcel service and the mailer, in one plain handler.
package fakes

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
)

// New returns the providers under /payments, /shipping and /mail. The card
// tok_declined is declined, and tok_broken breaks the payment provider. Mails are
// logged.
func New(log *slog.Logger) http.Handler {
	p := &providers{log: log, charges: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /payments/v1/charges", p.charge)
	mux.HandleFunc("POST /payments/v1/charges/{id}/refund", p.refund)
	mux.HandleFunc("POST /shipping/shipments", p.ship)
	mux.HandleFunc("POST /mail/messages", p.mail)
	return mux
}

type providers struct {
	log *slog.Logger

	mu      sync.Mutex        // guards what follows
	charges map[string]string // by idempotency key
	parcels int
}

func (p *providers) charge(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Amount int64
		Card   string
	}
	if !read(w, r, &asked) {
		return
	}
	switch asked.Card {
	case "tok_declined":
		http.Error(w, `{"error":"declined"}`, http.StatusPaymentRequired)
		return
	case "tok_broken":
		http.Error(w, `{"error":"down for maintenance"}`, http.StatusServiceUnavailable)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := r.Header.Get("Idempotency-Key")
	id, ok := p.charges[key]
	if !ok {
		id = fmt.Sprintf("ch_%d", len(p.charges)+1)
		p.charges[key] = id
	}
	answer(w, map[string]any{"id": id, "amount": asked.Amount})
}

func (p *providers) refund(w http.ResponseWriter, r *http.Request) {
	answer(w, map[string]any{"id": r.PathValue("id"), "refunded": true})
}

func (p *providers) ship(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.parcels++
	answer(w, map[string]any{"tracking": fmt.Sprintf("PARCEL-%04d", p.parcels)})
}

func (p *providers) mail(w http.ResponseWriter, r *http.Request) {
	var m struct{ To, Subject string }
	if !read(w, r, &m) {
		return
	}
	p.log.Info("mail", "to", m.To, "subject", m.Subject)
	w.WriteHeader(http.StatusAccepted)
}

func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(v); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
