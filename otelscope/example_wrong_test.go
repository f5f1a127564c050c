package otelscope_test

import (
	"context"
	"fmt"
	"net/http"

	otelpropagation "go.opentelemetry.io/otel/propagation"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/otelscope"
)

// An http.Client goes where it is sent, so To is not for it: the header stays
// empty, and an error says what to use.
func ExampleTo_wrongHTTP() {
	propagator := otelscope.New(newExample(), otelscope.To("orders"), // wrong
		otelscope.OnError(func(_ context.Context, err error) { fmt.Println(err) }))

	header := http.Header{}
	propagator.Inject(scope.Set(context.Background(), Preview, "pr-17"), otelpropagation.HeaderCarrier(header))
	fmt.Println(len(header))
	// Output:
	// otelscope: Inject: an http.Header may go anywhere: use propagation.Transport
	// 0
}

// Extract returns a context, and binds no goroutine.
func ExampleNew_wrongGoroutineNotBound() {
	p := newExample()
	headers := otelpropagation.MapCarrier{}
	otelscope.New(p, otelscope.To("")).Inject(scope.Set(context.Background(), Preview, "pr-17"), headers)

	ctx := otelscope.New(p).Extract(context.Background(), headers)
	fmt.Println(scope.Get(ctx, Preview))
	fmt.Println(Preview.Get()) // wrong: nobody bound this goroutine
	scope.Run(ctx, func(context.Context) { fmt.Println(Preview.Get()) })
	// Output:
	// pr-17
	// none
	// pr-17
}
