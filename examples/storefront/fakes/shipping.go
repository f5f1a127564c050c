package fakes

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// Shipping returns a shipping service. It does not deliver to an address that contains the word
// "moon".
func Shipping() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/shipments", func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Address string }
		switch {
		case !decode(w, r, &asked):
		case strings.Contains(strings.ToLower(asked.Address), "moon"):
			answer(w, http.StatusUnprocessableEntity, map[string]string{"message": "no such place"})
		default:
			answer(w, http.StatusCreated, map[string]string{"tracking": "TRK-" + rand.Text()[:10]})
		}
	})
	mux.HandleFunc("DELETE /v1/shipments/{tracking}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusOK, map[string]string{"tracking": r.PathValue("tracking")})
	})
	return mux
}
