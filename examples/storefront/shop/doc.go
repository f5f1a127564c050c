// Package shop is a small shop: a JSON API, a page, a database, and three services that it calls, for payments,
// shipping and e-mail.
//
// It is written as many programs are. Its database is a package variable, and its requests go through
// http.DefaultClient. It logs through package slog, and reads the environment whenever it needs a setting.
//
//	GET  /api/products            the products
//	POST /api/orders              places an order; an Idempotency-Key makes it safe to send twice
//	GET  /api/orders/{id}         an order
//	POST /api/orders/{id}/cancel  cancels it
//	POST /webhooks/payments       what the payments service has to say
//	GET  /                        the page
package shop
