package main

import (
	"context"
	"net/http"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/examples/preview/shop"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/wire"
	"github.com/scopetree/scope/propagation"
)

// Preview is the name of the preview that a request belongs to.
var Preview = scope.NewKey("preview", "")

// A process stands for a process of its own: a service, or a client. It shares two things with the others: a secret,
// and a list of the hosts to which previews may route payments. Previews need no other configuration.
type process struct {
	ctx        context.Context // with the process's own routes, in place of DNS
	propagator *propagation.Propagator
	transport  http.RoundTripper
	close      func()
}

func newProcess(ctx context.Context, secret propagation.Secret, fakes []string, routes ...scope.Binding) (*process, error) {
	wired := wire.Routes(destinations(fakes)...)
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{secret},
		Audience: "staging",
		Allow:    []propagation.Entry{propagation.Allow(Preview, propagation.Text), wired},
	})
	if err != nil {
		return nil, err
	}
	own := new(http.Transport)
	return &process{
		ctx:        scope.With(ctx, append(routes, httpx.Unrouted.Bind(httpx.Refuse))...),
		propagator: p,
		transport: &propagation.Transport{
			Propagator: p,
			To:         map[string]string{shop.GatewayHost: "", shop.OrdersHost: "", shop.PaymentsHost: ""},
			Base:       httpx.Wrap(own),
		},
		close: func() {
			own.CloseIdleConnections()
			wired.CloseIdleConnections()
		},
	}, nil
}

// destinations returns where routes from the wire may lead: to the fakes, each an address with a port of this machine,
// and only for requests for payments.
func destinations(fakes []string) (to []wire.Destination) {
	for _, host := range fakes {
		to = append(to, wire.Destination{Host: host, From: []string{shop.PaymentsHost}})
	}
	return to
}
