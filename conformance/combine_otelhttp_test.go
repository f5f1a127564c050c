package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/scopetest"
)

// traced returns a layer of otelhttp, and the recorder of its spans.
func traced() (layer, *tracetest.SpanRecorder) {
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	return func(below http.RoundTripper) http.RoundTripper {
		return otelhttp.NewTransport(below, otelhttp.WithTracerProvider(provider),
			otelhttp.WithPropagators(propagation.TraceContext{}))
	}, spans
}

// urls returns the URLs of the spans that have ended.
func urls(spans *tracetest.SpanRecorder) (urls []string) {
	for _, s := range spans.Ended() {
		urls = append(urls, attribute(s, "url.full"))
	}
	return urls
}

func attribute(span sdktrace.ReadOnlySpan, key string) string {
	for _, a := range span.Attributes() {
		if string(a.Key) == key {
			return a.Value.String()
		}
	}
	return ""
}

// Above httpx.Wrap, a span has the URL of the caller's request. Below, it has
// the target's URL. If a route answers with a handler or a transport of its
// own, there is no span below.
func TestCombineSpansHaveTheURLOfTheirPosition(t *testing.T) {
	t.Parallel()
	for kind, c := range map[string]struct {
		route func(*httpxtest.Server) scope.Binding
		below func(*httpxtest.Server) []string
	}{
		"target": {
			func(s *httpxtest.Server) scope.Binding { return httpx.Route("api.example.com", s.URL+"/v3") },
			func(s *httpxtest.Server) []string { return []string{s.URL + "/v3/users/octocat"} },
		},
		"transport": {
			func(s *httpxtest.Server) scope.Binding {
				return httpx.RouteTransport("api.example.com", s.Transport())
			},
			func(*httpxtest.Server) []string { return nil },
		},
		"handler": {
			func(s *httpxtest.Server) scope.Binding { return httpx.RouteHandler("api.example.com", s) },
			func(*httpxtest.Server) []string { return nil },
		},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			server := httpxtest.NewServer(t)
			server.Expect("GET /")
			ctx := scopetest.With(t, c.route(server))
			outer, above := traced()
			inner, below := traced()
			client := &http.Client{Transport: outer(httpx.Wrap(inner(http.DefaultTransport)))}

			get(t, client, ctx, asked)

			assert.Equal(t, []string{asked}, urls(above))
			assert.Equal(t, "api.example.com", attribute(above.Ended()[0], "server.address"))
			assert.Equal(t, c.below(server), urls(below))
			last := above.Ended()[0].SpanContext()
			for _, s := range below.Ended() {
				assert.Equal(t, last.SpanID(), s.Parent().SpanID(), "a span below is a child of the one above")
				assert.Equal(t, last.TraceID(), s.SpanContext().TraceID())
				last = s.SpanContext()
			}
			assert.Contains(t, server.Requests()[0].Header.Get("Traceparent"), last.SpanID().String())
		})
	}
}

// A route's own transport may be traced. Its span has the URL of the caller's
// request.
func TestCombineARoutesTransportIsTraced(t *testing.T) {
	t.Parallel()
	l, spans := traced()
	server := httpxtest.NewServer(t)
	server.Expect("GET /users/octocat")
	ctx := scopetest.With(t, httpx.RouteTransport("api.example.com", l(server.Transport())))
	get(t, httpx.Client(), ctx, asked)
	assert.Equal(t, []string{asked}, urls(spans))
}

// Parallel tests share a client and a recorder. There are as many spans as
// requests, each in the trace of its own test, and all of them have ended.
func TestCombineNoSpanIsLost(t *testing.T) {
	t.Parallel()
	const tests, requests = 20, 5
	for position, with := range positions {
		t.Run(position, func(t *testing.T) {
			t.Parallel()
			l, spans := traced()
			base := &http.Transport{}
			t.Cleanup(base.CloseIdleConnections)
			client := &http.Client{Transport: with(l)(base)}
			t.Cleanup(func() { // after the subtests
				assert.Len(t, spans.Started(), tests*requests)
				assert.Len(t, spans.Ended(), tests*requests)
			})
			for i := range tests {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					t.Parallel()
					server := httpxtest.NewServer(t)
					server.Expect("GET /").Times(requests)
					ctx := scopetest.With(t, httpx.Route("api.example.com", server.URL))
					ctx, root := sdktrace.NewTracerProvider().Tracer("test").Start(ctx, t.Name())
					defer root.End()
					for range requests {
						get(t, client, ctx, asked)
					}
					for _, r := range server.Requests() {
						assert.Contains(t, r.Header.Get("Traceparent"), root.SpanContext().TraceID().String())
					}
				})
			}
		})
	}
}

// A request that httpx refuses has a span with an error above httpx.Wrap, and
// no span below.
func TestCombineSpansOfWhatIsNotAnswered(t *testing.T) {
	t.Parallel()
	ctx := scopetest.With(t, httpx.Unrouted.Bind(httpx.Refuse))
	gone, end := scope.New(ctx, "gone")
	end()
	for name, c := range map[string]struct {
		ctx  context.Context
		want string
	}{
		"refused": {ctx, "refused"},
		"ended":   {gone, "has ended"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outer, above := traced()
			inner, below := traced()
			client := &http.Client{Transport: outer(httpx.Wrap(inner(http.DefaultTransport)))}

			_, err := client.Do(newRequest(t, c.ctx, asked, strings.NewReader("hello")))

			require.ErrorContains(t, err, c.want)
			require.Len(t, above.Ended(), 1)
			assert.Equal(t, codes.Error, above.Ended()[0].Status().Code)
			assert.Contains(t, above.Ended()[0].Status().Description, c.want)
			assert.Empty(t, below.Started())
		})
	}
}

// A span ends with the body, whether that is read to its end, closed, broken
// off or upgraded.
func TestCombineSpansEndWithTheBody(t *testing.T) {
	t.Parallel()
	for position, with := range positions {
		t.Run(position, func(t *testing.T) {
			t.Parallel()
			l, spans := traced()
			ctx, server := routed(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Upgrade") != "" {
					echo(w, r)
					return
				}
				http.NewResponseController(w).Flush()
				<-r.Context().Done()
			})
			rt := with(l)(server.Client().Transport)

			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			closed, err := rt.RoundTrip(newRequest(t, ctx, asked, nil))
			require.NoError(t, err)
			assert.Empty(t, spans.Ended())
			closed.Body.Close()
			assert.Len(t, spans.Ended(), 1)

			upgraded, err := rt.RoundTrip(upgrade(t, ctx, asked))
			require.NoError(t, err)
			assertEchoes(t, upgraded)
			assert.Len(t, spans.Ended(), 2)

			cut, err := rt.RoundTrip(newRequest(t, ctx, asked, nil))
			require.NoError(t, err)
			cancel()
			_, err = cut.Body.Read(make([]byte, 1))
			assert.ErrorIs(t, err, context.Canceled)
			cut.Body.Close()
			assert.Len(t, spans.Ended(), 3)
			assert.Equal(t, codes.Error, spans.Ended()[2].Status().Code)
		})
	}
}
