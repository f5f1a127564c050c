package carriers

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"
	otelpropagation "go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var tenant = scope.NewKey("tenant", "nobody")

// whose returns the tenant that a message is for, read in three ways below its
// consumer: from the context, on the goroutine, and on a goroutine further
// down. If they agree, it is one name.
func whose(ctx context.Context) string {
	below := make(chan string)
	go func() {
		if scope.Carrier() == "labels" {
			below <- tenant.Get()
		} else {
			below <- scope.Get(ctx, tenant) // a goroutine inherits nothing there
		}
	}()
	return strings.Join(slices.Compact([]string{scope.Get(ctx, tenant), tenant.Get(), <-below}), ", ")
}

// newScopes returns a propagator that passes on the tenant. Its messages may
// wait for an hour.
func newScopes(t *testing.T, secret string) *propagation.Propagator {
	t.Helper()
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("a", []byte(strings.Repeat(secret, propagation.MinKey)))},
		Audience: "orders",
		Allow:    []propagation.Entry{propagation.Allow(tenant, propagation.Text)},
		Lifetime: time.Hour,
	})
	require.NoError(t, err)
	return p
}

// tokenOf returns the token that p sends for acme.
func tokenOf(t *testing.T, p *propagation.Propagator) string {
	t.Helper()
	c := propagation.MapCarrier{}
	require.NoError(t, p.Inject(scope.Set(t.Context(), tenant, "acme"), c))
	return c[propagation.Header]
}

// badTokens returns tokens that a consumer of orders refuses, and why.
func badTokens(t *testing.T) map[string]error {
	t.Helper()
	good := tokenOf(t, newScopes(t, "a"))
	dot := strings.LastIndexByte(good, '.')
	return map[string]error{
		good[:dot-1] + "_" + good[dot:]:              propagation.ErrSignature, // altered
		tokenOf(t, newScopes(t, "b")):                propagation.ErrSignature, // forged
		tokenOf(t, newScopes(t, "a").For("billing")): propagation.ErrAudience,  // for another audience
		"1.a.garbage.short":                          propagation.ErrMalformed,
	}
}

// refusals are the errors of the tokens that a consumer refused.
type refusals struct {
	mu   sync.Mutex // guards list
	list []error
}

func (r *refusals) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, err)
}

func (r *refusals) all() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

// beside propagates the trace and the baggage that travel beside a scope.
var beside = otelpropagation.NewCompositeTextMapPropagator(otelpropagation.TraceContext{}, otelpropagation.Baggage{})

// traced returns ctx with a trace and with baggage.
func traced(t *testing.T, ctx context.Context) context.Context {
	t.Helper()
	member, err := baggage.NewMember("campaign", "autumn")
	require.NoError(t, err)
	bag, err := baggage.New(member)
	require.NoError(t, err)
	return trace.ContextWithSpanContext(baggage.ContextWithBaggage(ctx, bag), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1: 0xab}, SpanID: trace.SpanID{1: 0xcd}, TraceFlags: trace.FlagsSampled,
	}))
}

// headersOf returns the headers of ctx's trace and baggage.
func headersOf(ctx context.Context) map[string]string {
	c := otelpropagation.MapCarrier{}
	beside.Inject(ctx, c)
	return c
}

func TestTheHeadersOfATraceAreBoth(t *testing.T) {
	t.Parallel()
	assert.Len(t, headersOf(traced(t, t.Context())), 2)
}
