package shop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
)

func listProducts(w http.ResponseWriter, r *http.Request) {
	list, err := Products(r.Context())
	answer(w, r, http.StatusOK, list, err)
}

func getProduct(w http.ResponseWriter, r *http.Request) {
	p, err := FindProduct(r.Context(), r.PathValue("sku"))
	answer(w, r, http.StatusOK, p, err)
}

func createOrder(w http.ResponseWriter, r *http.Request) {
	var asked Request
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		answer(w, r, 0, nil, fmt.Errorf("%w: %w", ErrInvalid, err))
		return
	}
	if _, err := decoder.Token(); err != io.EOF {
		answer(w, r, 0, nil, fmt.Errorf("%w: more than one JSON value", ErrInvalid))
		return
	}
	o, err := Place(r.Context(), asked)
	if err == nil {
		w.Header().Set("Location", "/api/orders/"+o.ID)
	}
	answer(w, r, http.StatusCreated, o, err)
}

func getOrder(w http.ResponseWriter, r *http.Request) {
	o, err := FindOrder(r.Context(), r.PathValue("id"))
	answer(w, r, http.StatusOK, o, err)
}

func cancelOrder(w http.ResponseWriter, r *http.Request) {
	o, err := Cancel(r.Context(), r.PathValue("id"))
	answer(w, r, http.StatusOK, o, err)
}

func health(w http.ResponseWriter, r *http.Request) {
	if err := DB.PingContext(r.Context()); err != nil {
		slog.ErrorContext(r.Context(), "database not there", "error", err)
		http.Error(w, "no database", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// answer writes v as JSON with a status, or an error with the status that fits it.
func answer(w http.ResponseWriter, r *http.Request, status int, v any, err error) {
	if err != nil {
		status = statusOf(err)
		v = map[string]string{"error": sayable(r, err)}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func statusOf(err error) int {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrInvalid):
		return http.StatusUnprocessableEntity
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, ErrOutOfStock), errors.Is(err, ErrNotOpen):
		return http.StatusConflict
	case errors.Is(err, ErrDeclined):
		return http.StatusPaymentRequired
	case errors.Is(err, ErrUnavailable):
		return http.StatusBadGateway
	}
	return http.StatusInternalServerError
}

// sayable returns what a customer may read of an error. Failures of the shop's own,
// and of its providers, are logged instead.
func sayable(r *http.Request, err error) string {
	switch status := statusOf(err); {
	case status == http.StatusBadGateway:
		return "the order could not be completed, and nothing was charged: please try again"
	case status == http.StatusPaymentRequired:
		return ErrDeclined.Error()
	case status >= 500:
		slog.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		return "something went wrong here"
	}
	return err.Error()
}
