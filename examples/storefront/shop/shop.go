// Package shop is a small shop: products, orders, a page and a JSON API. It is
// written as many programs are. Its database, its logger, its environment and its
// HTTP client are global, and it knows nothing of scopes.
package shop

import (
	"database/sql"
	"net/http"
	"os"
)

// DB is the shop's database. The program opens it at start-up.
var DB *sql.DB

// Getenv reads the shop's settings.
var Getenv = os.Getenv

// Handler returns the shop's page, its API under /api, and the webhook of the
// payment provider.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", showCatalog)
	mux.HandleFunc("POST /orders", orderFromPage)
	mux.HandleFunc("GET /orders/{id}", showOrder)

	mux.HandleFunc("GET /api/products", listProducts)
	mux.HandleFunc("GET /api/products/{sku}", getProduct)
	mux.HandleFunc("POST /api/orders", createOrder)
	mux.HandleFunc("GET /api/orders/{id}", getOrder)
	mux.HandleFunc("POST /api/orders/{id}/cancel", cancelOrder)

	mux.HandleFunc("POST /webhooks/payments", paymentEvent)
	mux.HandleFunc("GET /healthz", health)
	return mux
}
