package shop

import (
	"log/slog"
	"net/http"
)

// New returns the shop's handler.
func New() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/products", apiProducts)
	mux.HandleFunc("POST /api/orders", apiCheckout)
	mux.HandleFunc("GET /api/orders/{id}", apiOrder)
	mux.HandleFunc("POST /api/orders/{id}/cancel", apiCancel)
	mux.HandleFunc("POST /webhooks/payments", receive)
	mux.HandleFunc("GET /{$}", pageShop)
	mux.HandleFunc("POST /orders", pageCheckout)
	mux.HandleFunc("GET /orders/{id}", pageOrder)
	mux.HandleFunc("POST /orders/{id}/cancel", pageCancel)
	mux.HandleFunc("GET /style.css", style)
	mux.HandleFunc("GET /healthz", health)
	return guarded(http.NewCrossOriginProtection().Handler(mux)) // refuses forms from other sites
}

// guarded sets headers that keep browsers from running scripts in the shop's pages, and from showing them inside other
// sites. It also limits the size of requests.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // the address of an order gives access to it
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		next.ServeHTTP(w, r)
	})
}

func health(w http.ResponseWriter, r *http.Request) {
	if err := DB.PingContext(r.Context()); err != nil {
		slog.Error("database does not answer", "error", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
	}
}
