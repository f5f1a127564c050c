package otelscope_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/otelscope"
)

// traced returns a provider whose spans have their scope's name, and what
// records them.
func traced() (*trace.TracerProvider, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	return trace.NewTracerProvider(
		trace.WithSpanProcessor(otelscope.SpanProcessor()),
		trace.WithSpanProcessor(spans),
	), spans
}

// scopeOf returns the name of its scope that a span carries, and whether it does.
func scopeOf(s trace.ReadOnlySpan) (name string, ok bool) {
	for _, a := range s.Attributes() {
		if a.Key == otelscope.ScopeNameKey {
			return a.Value.AsString(), true
		}
	}
	return "", false
}

func TestSpansCarryTheNameOfTheirScope(t *testing.T) {
	t.Parallel()
	provider, spans := traced()
	start := func(ctx context.Context) (name string, ok bool) {
		t.Helper()
		_, span := provider.Tracer("test").Start(ctx, "x")
		span.End()
		return scopeOf(spans.Ended()[len(spans.Ended())-1])
	}
	outer, endOuter := scope.New(t.Context(), "TestCheckout")
	defer endOuter()
	inner, endInner := scope.New(outer, "card")
	defer endInner()

	name, _ := start(scope.Set(outer, tenant, "acme"))
	assert.Equal(t, "TestCheckout", name)
	name, _ = start(inner)
	assert.Equal(t, "TestCheckout/card", name)
	scope.Run(inner, func(context.Context) { name, _ = start(context.Background()) })
	assert.Equal(t, "TestCheckout/card", name, "of the goroutine")

	for _, ctx := range []context.Context{t.Context(), acme(t), scope.Detach(inner)} {
		_, ok := start(ctx)
		assert.False(t, ok, "there is no name")
	}
	require.NoError(t, provider.ForceFlush(t.Context()))
	require.NoError(t, provider.Shutdown(t.Context()))
}

// The rules are those of opentelemetry.io/docs/specs/semconv/general/naming:
// lower-case words in namespaces, {object}.{property}, and none that
// OpenTelemetry has reserved or gives another meaning.
func TestTheAttributesNameFollowsTheConventions(t *testing.T) {
	t.Parallel()
	name := string(otelscope.ScopeNameKey)
	assert.Regexp(t, regexp.MustCompile(`^[a-z][a-z0-9]*([._][a-z0-9]+)*$`), name)
	assert.True(t, strings.HasSuffix(name, ".name"))
	assert.True(t, strings.HasPrefix(name, "scopetree."))
}
