package httpx_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/internal/engine"
)

func TestRoutedRequestsAreNotedForThoseWhoAsk(t *testing.T) {
	t.Parallel()
	canned := roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	})
	ctx, end := scope.New(t.Context(), "job")
	defer end()
	defer engine.Watch(ctx)()
	ctx = scope.With(ctx,
		httpx.Route("api.test", "http://127.0.0.1:1/v3"),
		httpx.RouteHandler("mem.test", http.NotFoundHandler()),
		httpx.Route("local.test", "http://127.0.0.1:2"),
	)
	get := func(method, url string) {
		_, err := httpx.Wrap(canned).RoundTrip(request(t, ctx, method, url, nil))
		require.NoError(t, err)
	}
	get(http.MethodGet, "https://ada:secret@api.test/a%2Fb?token=secret#secret")
	get("", "https://mem.test")
	get(http.MethodPut, "https://unrouted.test/")
	get(http.MethodPut, "http://127.0.0.1:2/at/the/target")

	got := engine.Requests(ctx)
	assert.Equal(t, 2, got.Total)
	require.Len(t, got.Last, 2)
	assert.Equal(t, "GET https://api.test/a%2Fb → http://127.0.0.1:1/v3", got.Last[0].String())
	assert.Equal(t, "GET https://mem.test → handler http.HandlerFunc", got.Last[1].String())
}

// Serial: allocations are counted process-wide.
func TestWhatNobodyAsksForAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	answer := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	canned := roundTripper(func(*http.Request) (*http.Response, error) { return answer, nil })
	ctx, end := scope.New(scope.Detach(context.Background()), "job")
	defer end()
	ctx = scope.With(ctx, httpx.RouteTransport("api.test", canned))
	rt, req := httpx.Wrap(canned), request(t, ctx, http.MethodGet, "https://api.test/users/x", nil)
	send := func() { rt.RoundTrip(req) }
	assert.Zero(t, testing.AllocsPerRun(100, send))
	stop := engine.Watch(ctx)
	send()
	assert.Zero(t, testing.AllocsPerRun(100, send), "nor the same request again, for those who do")
	stop()
	assert.Zero(t, testing.AllocsPerRun(100, send))
	assert.Equal(t, 102, engine.Requests(ctx).Total, "AllocsPerRun runs it once more")
}
