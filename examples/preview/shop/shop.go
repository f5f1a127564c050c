// Package shop has three services. The gateway passes requests for orders on, orders asks payments, and payments says
// who was paid. They call each other by name, with the context of the request that they serve, and know nothing of
// previews.
package shop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// The hosts of the services.
const (
	GatewayHost  = "gateway.internal"
	OrdersHost   = "orders.internal"
	PaymentsHost = "payments.internal"
)

// Gateway passes all requests on to orders. It calls orders through transport.
func Gateway(transport http.RoundTripper) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: OrdersHost}) },
		Transport: transport,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
}

// An Order is the answer of the service orders.
type Order struct {
	ID      string  `json:"id"`
	Payment Payment `json:"payment"`
}

// Orders serves GET /orders/{id}. It calls payments through transport.
func Orders(transport http.RoundTripper) http.Handler {
	client := &http.Client{Transport: transport}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		order := Order{ID: r.PathValue("id")}
		u := &url.URL{Scheme: "http", Host: PaymentsHost, Path: "/payments/" + order.ID}
		req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, u.String(), nil)
		if err == nil {
			err = order.Payment.ask(client, req)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		reply(w, order)
	})
	return mux
}

// A Payment is the answer of the service payments.
type Payment struct {
	Order string `json:"order"`
	By    string `json:"by"` // who took the money
}

func (p *Payment) ask(client *http.Client, req *http.Request) error {
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", PaymentsHost, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(p)
}

// Payments serves GET /payments/{order}. by names the service that takes the money.
func Payments(by string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /payments/{order}", func(w http.ResponseWriter, r *http.Request) {
		reply(w, Payment{Order: r.PathValue("order"), By: by})
	})
	return mux
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // an error means that the client has gone
}
