package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/examples/storefront/shop"
)

// A reply is what the shop answered.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// order returns the order in the answer.
func (r reply) order() (o shop.Order) {
	r.t.Helper()
	require.NoError(r.t, json.Unmarshal([]byte(r.body), &o), r.body)
	return o
}

// problem returns the problem in the answer.
func (r reply) problem() shop.Problem {
	r.t.Helper()
	var answer struct{ Error shop.Problem }
	require.NoError(r.t, json.Unmarshal([]byte(r.body), &answer), r.body)
	answer.Error.Status = r.status
	return answer.Error
}

// send sends a request to the store. headers are names and values.
func (s *store) send(method, path, body string, headers ...string) reply {
	s.t.Helper()
	req, err := http.NewRequest(method, s.server.URL+path, strings.NewReader(body))
	require.NoError(s.t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := *s.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return reply{s.t, resp.StatusCode, resp.Header, string(b)}
}

func (s *store) get(path string) reply {
	s.t.Helper()
	return s.send("GET", path, "")
}

// buy sends a cart as an order. headers are names and values.
func (s *store) buy(c shop.Cart, headers ...string) reply {
	s.t.Helper()
	b, err := json.Marshal(c)
	require.NoError(s.t, err)
	return s.send("POST", "/api/orders", string(b), headers...)
}

// bought sends a cart, and returns the order, which must be confirmed.
func (s *store) bought(c shop.Cart) shop.Order {
	s.t.Helper()
	r := s.buy(c)
	require.Equal(s.t, 201, r.status, r.body)
	require.Equal(s.t, shop.Confirmed, r.order().Status)
	return r.order()
}

// submit sends a form of the page.
func (s *store) submit(path string, form url.Values) reply {
	s.t.Helper()
	return s.send("POST", path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

// cart returns Ada's cart, with pieces of one product.
func cart(product string, quantity int64) shop.Cart {
	return shop.Cart{
		Items: []shop.CartItem{{Product: product, Quantity: quantity}},
		Name:  "Ada", Email: "ada@lovelace.example", Address: "1 Quay\nHamburg", Card: "tok_visa",
	}
}
