package main

import (
	"context"
	"log"
	"net/http"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/examples/preview/shop"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/propagation"
)

// staging is the three services, which all clients share.
type staging struct {
	secret propagation.Secret
	fakes  []string    // hosts to which previews may route payments
	hops   *log.Logger // logs which service serves which request
	stack              // stops the services
}

// start starts the services and returns the host of the gateway. payments serves the shared payments.
func (s *staging) start(ctx context.Context, payments http.Handler) (gateway string, err error) {
	shared, err := s.serve(ctx, "payments", func(http.RoundTripper) http.Handler { return payments })
	if err != nil {
		return "", err
	}
	orders, err := s.serve(ctx, "orders", shop.Orders, httpx.Route(shop.PaymentsHost, "http://"+shared))
	if err != nil {
		return "", err
	}
	return s.serve(ctx, "gateway", shop.Gateway, httpx.Route(shop.OrdersHost, "http://"+orders))
}

// serve starts a service in a process with routes of its own. It adds previews to the service: one handler around it,
// and one transport below it.
func (s *staging) serve(ctx context.Context, name string, app func(http.RoundTripper) http.Handler, routes ...scope.Binding) (host string, err error) {
	p, err := newProcess(ctx, s.secret, s.fakes, routes...)
	if err != nil {
		return "", err
	}
	s.push(p.close)
	host, stop, err := serve(p.ctx, p.propagator.Middleware(s.signed(name, app(p.transport)), s.refuse(name)))
	if err != nil {
		return "", err
	}
	s.push(stop)
	return host, nil
}

// servedBy is the header in which an answer says who served it. A reverse proxy adds its own line.
const servedBy = "X-Served-By"

// signed returns a handler that notes, in the answer and in the hops, which service served it and in which preview.
func (s *staging) signed(name string, app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hop := name
		if preview := scope.Get(r.Context(), Preview); preview != "" {
			hop += " in " + preview
		}
		s.hops.Printf("%s: %s %s", hop, r.Method, r.URL.Path)
		w.Header().Add(servedBy, hop)
		app.ServeHTTP(w, r)
	})
}

// refuse is [propagation.Refuse], and also adds a line to the hops. A real service should count its refusals.
func (s *staging) refuse(name string) propagation.OnError {
	return func(w http.ResponseWriter, r *http.Request, err error) bool {
		s.hops.Printf("%s: %s %s refused: %v", name, r.Method, r.URL.Path, err)
		return propagation.Refuse(w, r, err)
	}
}
