package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/examples/preview/shop"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/propagation"
)

// order is the number of the order that all clients ask for.
const order = "1001"

// sharedPayments is the name of the payments service outside of previews.
const sharedPayments = "the shared payments"

// A client asks the gateway for an order. Some clients are in a preview and have a fake of payments.
type client struct {
	name     string
	token    string             // what it sends, in the words of the table
	secret   propagation.Secret // signs its tokens
	preview  string             // the name of its preview, or ""
	payments string             // the name of its own payments, or ""
	stranger bool               // its payments are not on staging's list
	want     outcome
}

// An outcome is what a client got.
type outcome struct {
	status int    // 0 if there was no answer
	by     string // which services served it, and in which preview
	answer string // who was paid, or what went wrong
}

// served returns the outcome for a client that gateway and orders serve.
func served(in, payments string) outcome {
	return outcome{http.StatusOK, "gateway" + in + ", orders" + in, "paid " + payments}
}

// cast returns the clients: n that show a preview, one that does not, and one that forges a token.
func cast(n int, secret, forged propagation.Secret) (all []client) {
	names := []string{"ada", "ben"}
	for i := range n {
		preview := fmt.Sprintf("pr-%d", 17+i)
		c := client{name: "client " + preview, token: preview, secret: secret, preview: preview, payments: "the fake of " + preview}
		if i < len(names) {
			c.name = names[i]
		}
		c.want = served(" in "+preview, c.payments)
		all = append(all, c)
	}
	return append(all,
		client{name: "cyd", token: "none", secret: secret, want: served("", sharedPayments)},
		client{
			name: "mallory", token: "pr-17, forged", secret: forged, preview: "pr-17", payments: "mallory", stranger: true,
			want: outcome{status: http.StatusBadRequest, answer: propagation.ErrSignature.Error()},
		})
}

// ask asks for the order, in a process of the client's own. payments is the host of the client's own payments, or "". A
// preview is nothing but a name and a route.
func (c *client) ask(ctx context.Context, gateway, payments string) outcome {
	var fakes []string
	bindings := []scope.Binding{httpx.Route(shop.GatewayHost, "http://"+gateway)}
	if payments != "" {
		fakes = append(fakes, payments)
		bindings = append(bindings, Preview.Bind(c.preview), httpx.Route(shop.PaymentsHost, "http://"+payments))
	}
	p, err := newProcess(ctx, c.secret, fakes, bindings...)
	if err != nil {
		return outcome{answer: err.Error()}
	}
	defer p.close()
	req, err := http.NewRequestWithContext(p.ctx, http.MethodGet, "http://"+shop.GatewayHost+"/orders/"+order, nil)
	if err != nil {
		return outcome{answer: err.Error()}
	}
	resp, err := (&http.Client{Transport: p.transport}).Do(req)
	if err != nil {
		return outcome{answer: err.Error()}
	}
	defer resp.Body.Close()
	return read(resp)
}

// read returns the outcome that a response describes.
func read(resp *http.Response) outcome {
	got := outcome{status: resp.StatusCode, by: strings.Join(resp.Header.Values(servedBy), ", ")}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	var o shop.Order
	switch {
	case err != nil:
		got.answer = err.Error()
	case resp.StatusCode != http.StatusOK:
		got.answer = strings.TrimSpace(string(body))
	case json.Unmarshal(body, &o) != nil || o.ID != order || o.Payment.Order != order:
		got.answer = fmt.Sprintf("%q is not order %s", body, order)
	default:
		got.answer = "paid " + o.Payment.By
	}
	return got
}
