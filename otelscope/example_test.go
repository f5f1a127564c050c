package otelscope_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	otelpropagation "go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/otelscope"
	"github.com/scopetree/scope/propagation"
)

// Preview is the preview that a request belongs to.
var Preview = scope.NewKey("preview", "none")

// newExample returns what checks and makes tokens. Its key stands for 32 random
// bytes that come from where secrets come from.
func newExample() *propagation.Propagator {
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("2026-11", []byte(strings.Repeat("k", 32)))},
		Audience: "staging",
		Allow:    []propagation.Entry{propagation.Allow(Preview, propagation.Text)},
	})
	if err != nil {
		log.Fatal(err)
	}
	return p
}

// A gateway calls orders. The trace, the baggage and the scope go along.
func Example() {
	p := newExample()
	propagators := otelhttp.WithPropagators(otelpropagation.NewCompositeTextMapPropagator(
		otelpropagation.TraceContext{}, otelpropagation.Baggage{}, otelscope.New(p),
	)) // or once for the process: otel.SetTextMapPropagator

	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println("orders serves preview", scope.Get(r.Context(), Preview))
		fmt.Println("and so does code without a context:", Preview.Get())
	})
	orders := httptest.NewServer(otelhttp.NewHandler(httpx.Middleware(app), "orders", propagators))
	defer orders.Close()

	client := &http.Client{Transport: otelhttp.NewTransport(&propagation.Transport{
		Propagator: p,
		To:         map[string]string{strings.TrimPrefix(orders.URL, "http://"): ""}, // and nobody else
		Base:       orders.Client().Transport,
	}, propagators)}
	ctx := scope.Set(context.Background(), Preview, "pr-17")
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, orders.URL, nil)
	resp, err := client.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	// Output:
	// orders serves preview pr-17
	// and so does code without a context: pr-17
}

// The producer of a topic has one destination, and a propagator of its own. The
// consumer binds its goroutine itself.
func ExampleTo() {
	p := newExample()
	headers := otelpropagation.MapCarrier{} // a message's

	producer := otelscope.New(p, otelscope.To(""))
	producer.Inject(scope.Set(context.Background(), Preview, "pr-17"), headers)

	consumer := otelscope.New(p)
	ctx := consumer.Extract(context.Background(), headers)
	scope.Run(ctx, func(ctx context.Context) {
		fmt.Println(scope.Get(ctx, Preview), Preview.Get())
	})
	// Output:
	// pr-17 pr-17
}

// A refused token is told apart by the errors of package propagation.
func ExampleOnError() {
	propagator := otelscope.New(newExample(), otelscope.OnError(func(_ context.Context, err error) {
		fmt.Println(err)
	}))
	ctx := propagator.Extract(context.Background(), otelpropagation.MapCarrier{propagation.Header: "1.x.forged"})
	fmt.Println(scope.Get(ctx, Preview))
	// Output:
	// otelscope: Extract: propagation: the token is malformed
	// none
}

// The spans of a job carry its name.
func ExampleSpanProcessor() {
	spans := tracetest.NewSpanRecorder() // in the place of an exporter
	provider := trace.NewTracerProvider(
		trace.WithSpanProcessor(otelscope.SpanProcessor()),
		trace.WithSpanProcessor(spans),
	)
	ctx, end := scope.New(context.Background(), "job-17")
	defer end()
	_, span := provider.Tracer("example").Start(ctx, "charge")
	span.End()

	for _, attribute := range spans.Ended()[0].Attributes() {
		fmt.Println(attribute.Key, "=", attribute.Value.AsString())
	}
	// Output:
	// scopetree.scope.name = job-17
}

// Where a message must not be handled without its scope, the token is checked by
// the propagation.Propagator, which returns errors, and takes OpenTelemetry's
// carriers. The rest is for a propagator without [New].
func Example_refuse() {
	p := newExample()
	headers := otelpropagation.MapCarrier{propagation.Header: "1.x.forged"}

	ctx := otel.GetTextMapPropagator().Extract(context.Background(), headers)
	ctx, err := p.Extract(ctx, headers)
	if err != nil {
		fmt.Println("rejected:", err)
		return
	}
	scope.Run(ctx, func(context.Context) { fmt.Println("handled") })
	// Output:
	// rejected: propagation: the token is malformed
}
