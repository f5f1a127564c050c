package otelscope

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/scopetree/scope"
)

// ScopeNameKey is the attribute with the name of the scope that a span was
// started in, such as "TestCheckout/card".
//
// It has a namespace of its own, and is not "scope.name": what OpenTelemetry and
// its back ends call a scope is the library that makes spans (otel.scope.name).
const ScopeNameKey = attribute.Key("scopetree.scope.name")

// SpanProcessor returns a processor that sets [ScopeNameKey] on the spans that
// start in a scope with a name: that of the context, or else of the goroutine.
// It may be used by many goroutines, and by several providers. Samplers decide
// before it, and don't see the name.
//
//	trace.NewTracerProvider(trace.WithSpanProcessor(otelscope.SpanProcessor()), ...)
func SpanProcessor() trace.SpanProcessor { return spanProcessor{} }

type spanProcessor struct{}

func (spanProcessor) OnStart(parent context.Context, s trace.ReadWriteSpan) {
	if name := scope.Name(parent); name != "" {
		s.SetAttributes(ScopeNameKey.String(name))
	}
}

func (spanProcessor) OnEnd(trace.ReadOnlySpan)         {}
func (spanProcessor) Shutdown(context.Context) error   { return nil }
func (spanProcessor) ForceFlush(context.Context) error { return nil }
