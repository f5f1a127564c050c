package otelscope_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	otelpropagation "go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/otelscope"
	"github.com/scopetree/scope/propagation"
)

// A service is a process as OpenTelemetry sees it: a provider, and propagators
// of traces, baggage and scopes.
type service struct {
	scopes  *propagation.Propagator
	opts    []otelhttp.Option
	spans   *tracetest.SpanRecorder
	refused *errorsSeen
}

func newService(t *testing.T) *service {
	t.Helper()
	provider, spans := traced()
	s := &service{scopes: newScopes(t), spans: spans, refused: new(errorsSeen)}
	s.opts = []otelhttp.Option{
		otelhttp.WithTracerProvider(provider),
		otelhttp.WithPropagators(otelpropagation.NewCompositeTextMapPropagator(
			otelpropagation.TraceContext{},
			otelpropagation.Baggage{},
			otelscope.New(s.scopes, otelscope.OnError(s.refused.onError)),
		)),
	}
	return s
}

// serve starts a server of the service, and returns its URL.
func (s *service) serve(t *testing.T, app http.Handler) string {
	t.Helper()
	return listen(t, otelhttp.NewHandler(httpx.Middleware(app), "test", s.opts...))
}

// client returns a client of the service that sends tokens to the servers at to.
func (s *service) client(t *testing.T, to ...string) *http.Client {
	t.Helper()
	own := &http.Transport{}
	t.Cleanup(own.CloseIdleConnections)
	destinations := map[string]string{}
	for _, u := range to {
		destinations[strings.TrimPrefix(u, "http://")] = ""
	}
	return &http.Client{Transport: otelhttp.NewTransport(
		&propagation.Transport{Propagator: s.scopes, To: destinations, Base: own}, s.opts...)}
}

// listen starts a plain server, and returns its URL.
func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// get returns the body of the answer to a request, with a header if there is one.
func get(t *testing.T, client *http.Client, ctx context.Context, url string, header ...string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	if len(header) == 2 {
		req.Header.Set(header[0], header[1])
	}
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(text)
}

// whose answers with the tenant, as the context has it and as the goroutine does.
var whose = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, scope.Get(r.Context(), tenant), " ", tenant.Get())
})

// gateway answers with what next does, and says nothing of scopes.
func gateway(client *http.Client, next string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, next, nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		resp, err := client.Do(req)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		io.Copy(w, resp.Body)
	})
}

func TestTraceBaggageAndScopeTravelTwoHops(t *testing.T) {
	t.Parallel()
	orders, middle, front := newService(t), newService(t), newService(t)
	ordersURL := orders.serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		whose(w, r)
		fmt.Fprint(w, " ", baggage.FromContext(r.Context()))
	}))
	middleURL := middle.serve(t, gateway(middle.client(t, ordersURL), ordersURL))

	ctx, end := scope.New(t.Context(), "TestCheckout")
	defer end()
	member, err := baggage.NewMember("color", "red")
	require.NoError(t, err)
	bag, err := baggage.New(member)
	require.NoError(t, err)
	ctx = baggage.ContextWithBaggage(scope.Set(ctx, tenant, "acme"), bag)
	_, body := get(t, front.client(t, middleURL), ctx, middleURL)

	assert.Equal(t, "acme acme color=red", body)
	require.Len(t, front.spans.Ended(), 1)
	root := front.spans.Ended()[0]
	name, _ := scopeOf(root)
	assert.Equal(t, "TestCheckout", name)
	for _, span := range append(middle.spans.Started(), orders.spans.Started()...) {
		assert.Equal(t, root.SpanContext().TraceID(), span.SpanContext().TraceID())
		_, ok := scopeOf(span)
		assert.False(t, ok, "names stay at home")
	}
	assert.Len(t, middle.spans.Started(), 2)
	assert.Len(t, orders.spans.Started(), 1)
	for _, s := range []*service{front, middle, orders} {
		assert.Empty(t, s.refused.all())
	}
}

// A handler binds its own scope over what came, and its spans carry that name.
func TestAReceiversSpansCarryItsOwnName(t *testing.T) {
	t.Parallel()
	s := newService(t)
	provider, spans := traced()
	server := s.serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, end := scope.New(r.Context(), "charge")
		defer end()
		ctx, span := provider.Tracer("test").Start(ctx, "x")
		defer span.End()
		whose(w, r.WithContext(ctx))
	}))
	_, body := get(t, s.client(t, server), acme(t), server)
	assert.Equal(t, "acme acme", body)
	require.Len(t, spans.Started(), 1)
	name, _ := scopeOf(spans.Started()[0])
	assert.Equal(t, "charge", name)
}

// A proxy that knows nothing of us passes the header on, or drops it.
func TestAHopThatDoesNotKnowUs(t *testing.T) {
	t.Parallel()
	s := newService(t)
	target, err := url.Parse(s.serve(t, whose))
	require.NoError(t, err)
	own := &http.Transport{}
	t.Cleanup(own.CloseIdleConnections)
	proxy := func(drop ...string) string {
		return listen(t, &httputil.ReverseProxy{Transport: own, Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			for _, h := range drop {
				r.Out.Header.Del(h)
			}
		}})
	}
	passes, drops := proxy(), proxy(propagation.Header)
	client := s.client(t, passes, drops)
	_, body := get(t, client, acme(t), passes)
	assert.Equal(t, "acme acme", body)
	_, body = get(t, client, acme(t), drops)
	assert.Equal(t, "nobody nobody", body)
	assert.Empty(t, s.refused.all())
}

func TestARefusedTokensRequestIsServedWithoutScope(t *testing.T) {
	t.Parallel()
	s := newService(t)
	server := s.serve(t, whose)
	_, body := get(t, s.client(t, server), t.Context(), server, propagation.Header, "1.a.forged.token")
	assert.Equal(t, "nobody nobody", body)
	require.Len(t, s.refused.all(), 1, "once")
	assert.ErrorIs(t, s.refused.all()[0], propagation.ErrMalformed)
}

// Without New among the propagators, a handler inside of otelhttp may refuse.
func TestPropagationsMiddlewareRefusesInsideOfOtelhttp(t *testing.T) {
	t.Parallel()
	s := newService(t)
	provider, spans := traced()
	server := listen(t, otelhttp.NewHandler(s.scopes.Middleware(whose, propagation.Refuse), "test",
		otelhttp.WithTracerProvider(provider), otelhttp.WithPropagators(otelpropagation.TraceContext{})))
	client := s.client(t, server)

	status, _ := get(t, client, t.Context(), server, propagation.Header, "1.a.forged.token")
	assert.Equal(t, http.StatusBadRequest, status)
	_, body := get(t, client, acme(t), server)
	assert.Equal(t, "acme acme", body)

	require.Len(t, spans.Started(), 2)
	assert.Equal(t, s.spans.Started()[0].SpanContext().TraceID(), spans.Started()[0].SpanContext().TraceID())
}

// Not even where a destination sends the client on.
func TestAServerThatNobodyNamedGetsATraceAndNoToken(t *testing.T) {
	t.Parallel()
	s := newService(t)
	other := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%d %d", len(r.Header.Values("Traceparent")), len(r.Header.Values(propagation.Header)))
	}))
	named := s.serve(t, http.RedirectHandler(other, http.StatusFound))
	client := s.client(t, named)
	for _, asked := range []string{other, named} {
		_, body := get(t, client, acme(t), asked)
		assert.Equal(t, "1 0", body)
	}
}

func TestARequestOfAnEndedScopeIsASpanWithAnError(t *testing.T) {
	t.Parallel()
	s := newService(t)
	server := listen(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }))
	ctx, end := scope.New(acme(t), "gone")
	end()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server, nil)
	require.NoError(t, err)
	_, err = s.client(t, server).Do(req)
	require.ErrorIs(t, err, scope.ErrEnded)
	require.Len(t, s.spans.Ended(), 1)
	assert.Equal(t, trace.Status{Code: codes.Error, Description: `propagation: scope "gone" has ended`}, s.spans.Ended()[0].Status())
}

// Connections are shared, and what they carry is not.
func TestParallelRequestsKeepTheirScopes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	server := s.serve(t, whose)
	client := s.client(t, server)
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			me := fmt.Sprint("tenant-", i)
			ctx, end := scope.New(scope.Set(t.Context(), tenant, me), me)
			defer end()
			for range 5 {
				_, body := get(t, client, ctx, server)
				assert.Equal(t, me+" "+me, body)
				_, body = get(t, client, t.Context(), server)
				assert.Equal(t, "nobody nobody", body)
			}
		})
	}
}
