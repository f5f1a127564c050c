package fakes

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"sync"
)

// Payments returns a payments service. It declines the card tok_declined, and takes every other.
func Payments() http.Handler {
	p := &payments{charges: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/charges", p.charge)
	mux.HandleFunc("POST /v1/voids", p.void)
	return mux
}

type payments struct {
	mu      sync.Mutex // guards charges
	charges map[string]string
}

type payment struct{ Order, Card string }

func (p *payments) charge(w http.ResponseWriter, r *http.Request) {
	var asked payment
	if !decode(w, r, &asked) {
		return
	}
	if asked.Card == "tok_declined" {
		answer(w, http.StatusPaymentRequired, map[string]string{"message": "card declined"})
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.charges[asked.Order] == "" {
		p.charges[asked.Order] = "ch_" + rand.Text()
	}
	answer(w, http.StatusCreated, map[string]string{"id": p.charges[asked.Order]})
}

func (p *payments) void(w http.ResponseWriter, r *http.Request) {
	var asked payment
	if !decode(w, r, &asked) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.charges[asked.Order] == "" {
		answer(w, http.StatusNotFound, map[string]string{"message": "no charge for this order"})
		return
	}
	answer(w, http.StatusOK, map[string]string{"id": p.charges[asked.Order]})
}

func decode(w http.ResponseWriter, r *http.Request, v any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(v); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
		return false
	}
	return true
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that left needs no answer
}
