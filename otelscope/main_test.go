package otelscope_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	otelpropagation "go.opentelemetry.io/otel/propagation"
	"go.uber.org/goleak"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/propagation"
)

func TestMain(m *testing.M) {
	otel.SetErrorHandler(handled)
	goleak.VerifyTestMain(m)
}

var tenant = scope.NewKey("tenant", "nobody")

// acme is a scope that binds the tenant.
func acme(tb testing.TB) context.Context { return scope.Set(tb.Context(), tenant, "acme") }

// newScopes returns a propagator of scopes that lets the tenant and more entries
// travel to "staging", for an hour.
func newScopes(tb testing.TB, more ...propagation.Entry) *propagation.Propagator {
	tb.Helper()
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("a", []byte(strings.Repeat("a", propagation.MinKey)))},
		Audience: "staging",
		Allow:    append(more, propagation.Allow(tenant, propagation.Text)),
		Lifetime: time.Hour,
	})
	require.NoError(tb, err)
	return p
}

// token is a carrier with one.
func token(s string) otelpropagation.MapCarrier {
	return otelpropagation.MapCarrier{propagation.Header: s}
}

// errorsSeen keeps errors, those of OnError or of otel.Handle.
type errorsSeen struct {
	mu   sync.Mutex // guards list
	list []error
}

// handled are the errors that otel.Handle was called with in this process.
var handled = new(errorsSeen)

func (e *errorsSeen) Handle(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, err)
}

func (e *errorsSeen) onError(_ context.Context, err error) { e.Handle(err) }

func (e *errorsSeen) all() []error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]error(nil), e.list...)
}
