package wire_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/wire"
	"github.com/scopetree/scope/propagation"
)

// A preview's payments are fake, two services away from who asks for it.
func ExampleRoutes() {
	fake := httptest.NewServer(says("a fake payment\n"))
	defer fake.Close()
	routes := wire.Routes(wire.Destination{Host: strings.TrimPrefix(fake.URL, "http://")})
	defer routes.CloseIdleConnections()
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("2026-11", []byte("32 random bytes, not these ones."))},
		Audience: "staging",
		Allow:    []propagation.Entry{routes},
	})
	if err != nil {
		log.Fatal(err)
	}

	// In the service that knows of the preview:
	headers := propagation.MapCarrier{}
	ctx := scope.With(context.Background(), httpx.Route("payments.internal", fake.URL))
	if err := p.Inject(ctx, headers); err != nil {
		log.Fatal(err)
	}

	// In the one that pays:
	ctx, err = p.Extract(context.Background(), headers)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(get(ctx, httpx.Client(), "https://payments.internal/pay"))
	// Output:
	// a fake payment
}

// A route that travels as the value of a key would be sent anywhere. It is
// wire.Routes that checks where it leads.
func ExampleRoutes_wrongBaseURL() {
	_, err := propagation.New(propagation.Config{
		Allow: []propagation.Entry{propagation.Allow(httpx.BaseURL, propagation.Text)}, // wrong
	})
	fmt.Println(err)

	_, err = propagation.New(propagation.Config{
		Allow: []propagation.Entry{wire.Routes(wire.Destination{Host: "*"})}, // wrong: that is no list
	})
	fmt.Println(err)

	_, err = wire.Routes(wire.Destination{Host: "*.preview.internal:8080"}).Decode("payments.internal http://169.254.169.254/latest/meta-data")
	fmt.Println(err)
	// Output:
	// propagation: entry "httpx.base_url": a key that says where requests go: use wire.Routes, which checks it
	// propagation: entry "httpx.routes": httpx: destination "*": "*" needs Networks
	// httpx: route "payments.internal": target "http://169.254.169.254/latest/meta-data": not a destination that is allowed for routes from the wire
}
