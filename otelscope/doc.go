// Package otelscope makes OpenTelemetry carry scopes. Instrumentation then extracts a
// trace, baggage and a scope from a request, a call or a message.
//
//	otel.SetTextMapPropagator(otelpropagation.NewCompositeTextMapPropagator(
//		otelpropagation.TraceContext{},
//		otelpropagation.Baggage{},
//		otelscope.New(p), // p is a *propagation.Propagator of package scope
//	))
//
// Package propagation decides who may send what, and to whom: its tokens are signed, and
// carry only values that code allows.
//
// # In
//
// Instrumentation extracts into a context and binds no goroutine. That is enough for
// code that has the context. For code that has none, put httpx.Middleware inside
// otelhttp. It binds the handler's goroutine:
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
// Tokens go only to destinations that code names. OpenTelemetry's Inject does not know
// where its carrier goes, so the propagator that [New] returns injects nothing unless you
// pass [To].
//
// Give a client for one destination, such as a gRPC connection or the producer of a
// topic, a propagator of its own with [To]. An http.Client may send to any host, after a
// redirect too. So use propagation.Transport there, which knows the hosts. Put it inside
// otelhttp, so that a request that it refuses to send is a span with an error:
//
//	otelhttp.NewTransport(&propagation.Transport{Propagator: p, To: destinations})
//
// # Errors
//
// OpenTelemetry's propagators return no errors. If a token is refused, the context stays
// as it was, the request is served without the token, and [OnError] gets the error. To
// refuse the request, leave New out, and check the token in a handler:
//
//	otelhttp.NewHandler(p.Middleware(app, propagation.Refuse), "orders")
//
// A consumer can call p.Extract in the same way. A producer whose message must not leave
// without its scope can call p.Inject. Both return errors, and take OpenTelemetry's
// carriers.
//
// # Spans
//
// [SpanProcessor] writes the scope's name on each span. Names do not travel. The trace
// links a span that has a name to the spans of other services.
//
// # Limits
//
// A carrier may show only the first of several values, as otelgrpc's does. Then package
// propagation does not notice that several tokens came.
//
// # When less is better
//
// A service that uses HTTP only does not need this package. propagation's Middleware and
// Transport, inside otelhttp, do the same, and can refuse.
package otelscope
