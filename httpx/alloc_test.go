package httpx_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
)

// This test counts the allocations of a request through a Transport, beyond those of the
// transport below it.
func TestTransportAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	answer := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	canned := roundTripper(func(*http.Request) (*http.Response, error) { return answer, nil })
	background := scope.Detach(context.Background())
	allocs := func(rt http.RoundTripper, ctx context.Context) float64 {
		req := request(t, ctx, http.MethodGet, "https://api.test/users/x", nil)
		return testing.AllocsPerRun(100, func() { rt.RoundTrip(req) })
	}
	for _, tt := range []struct {
		name string
		ctx  context.Context
		most float64 // more than the bare transport
	}{
		{"no scope", context.Background(), 0},
		{"empty scope", background, 0},
		{"scope without routes", scope.Set(background, tenant, "ours"), 0},
		{"scope with other routes", scope.With(background, httpx.Route("*.other.test", down), httpx.Route("other.test", down)), 0},
		{"routed to a transport", scope.With(background, httpx.RouteTransport("api.test", canned)), 0},
		{"routed to a target, host kept", scope.With(background, httpx.Route("api.test", down, httpx.KeepHost)), 2},
		{"routed to a target", scope.With(background, httpx.Route("api.test", down)), 6},
	} {
		bare, wrapped := allocs(canned, tt.ctx), allocs(httpx.Wrap(canned), tt.ctx)
		assert.LessOrEqual(t, wrapped-bare, tt.most, tt.name)
		t.Logf("%s: %v more", tt.name, wrapped-bare)
	}
}
