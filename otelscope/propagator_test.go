package otelscope_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	otelpropagation "go.opentelemetry.io/otel/propagation"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/otelscope"
	"github.com/scopetree/scope/propagation"
)

// What carries a trace carries a scope, and the other way round.
var (
	_ propagation.Carrier            = otelpropagation.TextMapCarrier(nil)
	_ otelpropagation.TextMapCarrier = propagation.Carrier(nil)
)

func TestNothingIsInjectedWithoutADestination(t *testing.T) {
	t.Parallel()
	c := otelpropagation.MapCarrier{}
	otelscope.New(newScopes(t)).Inject(acme(t), c)
	otelscope.New(nil, otelscope.To("staging")).Inject(acme(t), c)
	assert.Empty(t, c)
}

func TestATokenIsForTheAudienceThatToNames(t *testing.T) {
	t.Parallel()
	p, seen := newScopes(t), new(errorsSeen)
	receiver := otelscope.New(p, otelscope.OnError(seen.onError))
	for audience, want := range map[string]string{"": "acme", "staging": "acme", "orders": "nobody"} {
		c := otelpropagation.MapCarrier{}
		otelscope.New(p, otelscope.To(audience)).Inject(acme(t), c)
		require.Contains(t, c, propagation.Header, audience)
		assert.Equal(t, want, scope.Get(receiver.Extract(t.Context(), c), tenant), audience)
	}
	require.Len(t, seen.all(), 1)
	assert.ErrorIs(t, seen.all()[0], propagation.ErrAudience)
}

func TestTheGoroutinesScopeIsInjectedToo(t *testing.T) {
	t.Parallel()
	p, c := newScopes(t), otelpropagation.MapCarrier{}
	scope.Run(acme(t), func(context.Context) {
		otelscope.New(p, otelscope.To("")).Inject(context.Background(), c)
	})
	assert.Equal(t, "acme", scope.Get(otelscope.New(p).Extract(t.Context(), c), tenant))
}

// A redirect takes an http.Header along to wherever it leads.
func TestToPutsNoTokenIntoAHTTPHeader(t *testing.T) {
	t.Parallel()
	header, seen := http.Header{}, new(errorsSeen)
	sender := otelscope.New(newScopes(t), otelscope.To("staging"), otelscope.OnError(seen.onError))
	sender.Inject(acme(t), otelpropagation.HeaderCarrier(header))
	sender.Inject(acme(t), propagation.HeaderCarrier(header))
	assert.Empty(t, header)
	require.Len(t, seen.all(), 2)
	for _, err := range seen.all() {
		assert.ErrorContains(t, err, "use propagation.Transport")
	}
}

func TestACarrierIsAsItWasWhereInjectFails(t *testing.T) {
	t.Parallel()
	seen, c := new(errorsSeen), otelpropagation.MapCarrier{}
	ctx, end := scope.New(acme(t), "gone")
	end()
	otelscope.New(newScopes(t), otelscope.To(""), otelscope.OnError(seen.onError)).Inject(ctx, c)
	assert.Empty(t, c)
	require.Len(t, seen.all(), 1)
	assert.ErrorIs(t, seen.all()[0], scope.ErrEnded)
	assert.EqualError(t, seen.all()[0], `otelscope: Inject: propagation: scope "gone" has ended`)
}

func TestARefusedTokenLeavesTheContextAsItWas(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*propagation.Propagator{"secret": newScopes(t), "zero": {}, "nil": nil} {
		seen := new(errorsSeen)
		ctx := acme(t)
		assert.Equal(t, ctx, otelscope.New(p, otelscope.OnError(seen.onError)).Extract(ctx, token("1.b.x.y")), name)
		assert.Len(t, seen.all(), 1, name)
	}
}

// The context of an error is the one that was given, to log and count with.
func TestOnErrorIsGivenTheContext(t *testing.T) {
	t.Parallel()
	var got context.Context
	p := otelscope.New(newScopes(t), otelscope.OnError(func(ctx context.Context, _ error) { got = ctx }))
	ctx := acme(t)
	p.Extract(ctx, token("garbage"))
	assert.Equal(t, ctx, got)
}

func TestWithoutATokenTheContextIsTheSame(t *testing.T) {
	t.Parallel()
	ctx := acme(t)
	assert.Equal(t, ctx, otelscope.New(newScopes(t)).Extract(ctx, otelpropagation.MapCarrier{"other": "x"}))
}

func TestFieldsAreWhatInjectSets(t *testing.T) {
	t.Parallel()
	p, c := newScopes(t), otelpropagation.MapCarrier{}
	sender := otelscope.New(p, otelscope.To(""))
	sender.Inject(acme(t), c)
	assert.Equal(t, sender.Fields(), c.Keys())
	assert.Subset(t, otelpropagation.NewCompositeTextMapPropagator(otelpropagation.Baggage{}, sender).Fields(), c.Keys())
}

// Others decide how often Extract fails, and must not fill the log with it.
func TestOtelHandlesAllErrorsOfInjectAndTheFirstOfExtract(t *testing.T) {
	t.Parallel()
	bad := errors.New("a value that " + t.Name() + " can't write or read") // its address tells it from all others
	key := scope.NewKey("bad", "")
	entry := propagation.Allow(key, propagation.Codec[string]{
		Encode: func(s string) (string, error) {
			if s == "unwritable" {
				return "", bad
			}
			return s, nil
		},
		Decode: func(string) (string, error) { return "", bad },
	})
	p, c := newScopes(t, entry), otelpropagation.MapCarrier{}
	both := otelscope.New(p, otelscope.To(""))
	both.Inject(scope.Set(t.Context(), key, "unreadable"), c)
	for range 3 {
		both.Extract(t.Context(), c)
		both.Inject(scope.Set(t.Context(), key, "unwritable"), c)
	}
	injected, extracted := 0, 0
	for _, err := range handled.all() {
		switch {
		case !errors.Is(err, bad):
		case errors.Is(err, propagation.ErrValue):
			extracted++
		default:
			injected++
		}
	}
	assert.Equal(t, 3, injected)
	assert.Equal(t, 1, extracted)
}
