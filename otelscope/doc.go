// Package otelscope puts a scope among the things that OpenTelemetry carries:
// what instrumentation extracts of a request, a call or a message is then its
// trace, its baggage and its scope.
//
//	otel.SetTextMapPropagator(otelpropagation.NewCompositeTextMapPropagator(
//		otelpropagation.TraceContext{},
//		otelpropagation.Baggage{},
//		otelscope.New(p), // p is a *propagation.Propagator of package scope
//	))
//
// Who may say what, and to whom, is the matter of package propagation: its
// tokens are signed, and bring what code allows.
//
// # In
//
// Instrumentation extracts into a context and binds no goroutine. That is enough
// for code that asks the context. For code that has none, httpx.Middleware binds
// a handler's goroutine, inside of otelhttp:
//
//	http.Handle("/", otelhttp.NewHandler(httpx.Middleware(app), "orders"))
//
// An interceptor of a gRPC server, and a consumer of messages, bind it themselves:
//
//	ctx = otel.GetTextMapPropagator().Extract(ctx, carrier)
//	scope.Run(ctx, handle)
//
// # Out
//
// Tokens go to destinations that code names. OpenTelemetry's Inject is not told
// where its carrier goes, so what [New] returns injects nothing by itself.
//
// A client for one destination, such as a gRPC connection or the producer of a
// topic, gets a propagator of its own, with [To]. An http.Client goes anywhere,
// after a redirect too, so its tokens are made by propagation.Transport, which
// knows the hosts. It stands inside of otelhttp, where a request that it does not
// send is a span with an error:
//
//	otelhttp.NewTransport(&propagation.Transport{Propagator: p, To: destinations})
//
// # Errors
//
// OpenTelemetry's propagators return none. A token that is refused leaves the
// context as it was, the request is served without it, and [OnError] hears of
// it. To refuse the request, leave New out, and check the token in a handler:
//
//	otelhttp.NewHandler(p.Middleware(app, propagation.Refuse), "orders")
//
// In the same way a consumer calls p.Extract, and a producer whose message must
// not leave without its scope p.Inject. They return errors, and take
// OpenTelemetry's carriers.
//
// # Spans
//
// [SpanProcessor] writes the name of its scope on each span. Names stay in the
// process; it is the trace that leads from a span with a name to those of other
// services.
//
// # Limits
//
// A carrier that shows the first of several values alone, as otelgrpc's does,
// hides from package propagation that there were several tokens.
//
// # When less is better
//
// A service that speaks HTTP alone needs no propagator of scopes: propagation's
// Middleware and Transport, inside of otelhttp, do the same and can refuse.
package otelscope
