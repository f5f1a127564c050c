package shop

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
)

func apiProducts(w http.ResponseWriter, r *http.Request) {
	cfg, err := loadConfig()
	if err != nil {
		fail(w, r, err)
		return
	}
	products, err := Products(r.Context())
	if err != nil {
		fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"currency": cfg.currency, "products": products})
}

func apiCheckout(w http.ResponseWriter, r *http.Request) {
	var c Cart
	if p := decode(r, &c); p != nil {
		fail(w, r, p)
		return
	}
	c.Key = r.Header.Get("Idempotency-Key")
	o, repeated, err := Checkout(r.Context(), c)
	if err != nil {
		fail(w, r, err)
		return
	}
	w.Header().Set("Location", "/api/orders/"+o.ID)
	status := http.StatusCreated
	if repeated {
		status = http.StatusOK
	}
	answer(w, status, o)
}

func apiOrder(w http.ResponseWriter, r *http.Request) {
	o, err := FindOrder(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, o)
}

func apiCancel(w http.ResponseWriter, r *http.Request) {
	o, err := Cancel(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, o)
}

// decode reads one JSON value from a request's body. Fields that v does not
// have are an error.
func decode(r *http.Request, v any) *Problem {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("more than one value")
		}
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &Problem{http.StatusRequestEntityTooLarge, "too_large", "The request is too large.", ""}
	case err != nil:
		return &Problem{http.StatusBadRequest, "bad_json", "The request is not the JSON of a cart: " + err.Error(), ""}
	}
	return nil
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(r, err)
	answer(w, p.Status, map[string]any{"error": p})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		slog.Debug("answer not sent", "error", err) // the customer has left
	}
}
