package propagation_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

// Preview is the preview that a request belongs to.
var Preview = scope.NewKey("preview", "none")

// exampleKey stands for 32 random bytes that come from where secrets come from.
var exampleKey = []byte(strings.Repeat("k", 32))

func newExample() *propagation.Propagator {
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("2026-11", exampleKey)},
		Audience: "staging",
		Allow:    []propagation.Entry{propagation.Allow(Preview, propagation.Text)},
	})
	if err != nil {
		log.Fatal(err)
	}
	return p
}

// Two services: gateway calls orders, and the preview of a request goes with it.
func Example() {
	p := newExample()
	orders := httptest.NewServer(p.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("orders serves preview", scope.Get(r.Context(), Preview))
	}), propagation.Refuse))
	defer orders.Close()

	client := &http.Client{Transport: &propagation.Transport{
		Propagator: p,
		To:         map[string]string{strings.TrimPrefix(orders.URL, "http://"): ""},
		Base:       orders.Client().Transport,
	}}
	ctx := scope.Set(context.Background(), Preview, "pr-17")
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, orders.URL, nil)
	resp, err := client.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	// Output:
	// orders serves preview pr-17
}

// A consumer of messages has no middleware: it binds its goroutine itself.
func ExamplePropagator_Extract() {
	p := newExample()
	headers := propagation.MapCarrier{} // a message's
	if err := p.Inject(scope.Set(context.Background(), Preview, "pr-17"), headers); err != nil {
		log.Fatal(err)
	}

	ctx, err := p.Extract(context.Background(), headers)
	if err != nil {
		log.Print(err) // and go on without a scope, or leave the message
	}
	scope.Run(ctx, func(ctx context.Context) {
		fmt.Println(scope.Get(ctx, Preview), Preview.Get())
	})
	// Output:
	// pr-17 pr-17
}

// Any type can travel that can be text.
func ExampleCodec() {
	patience := scope.NewKey("patience", time.Second)
	entry := propagation.Allow(patience, propagation.Codec[time.Duration]{
		Encode: func(d time.Duration) (string, error) { return d.String(), nil },
		Decode: time.ParseDuration,
	})
	text, _, _ := entry.Encode(scope.Set(context.Background(), patience, 90*time.Second))
	fmt.Println(text)
	// Output:
	// 1m30s
}
