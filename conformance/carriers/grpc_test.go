package carriers

import (
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	otelpropagation "go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/otelscope"
	"github.com/scopetree/scope/propagation"
)

// calls is a service. It says in a header whose call it serves, and in which
// trace.
type calls struct {
	health.UnimplementedHealthServer
}

func (calls) Check(ctx context.Context, _ *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	return &health.HealthCheckResponse{}, grpc.SetHeader(ctx, seenBy(ctx))
}

func (calls) Watch(_ *health.HealthCheckRequest, s grpc.ServerStreamingServer[health.HealthCheckResponse]) error {
	return s.SendHeader(seenBy(s.Context()))
}

func seenBy(ctx context.Context) metadata.MD {
	seen := metadata.New(headersOf(ctx))
	seen.Set("whose", whose(ctx))
	return seen
}

// bindCall is an interceptor that binds the goroutine of a call, as a consumer
// does for a message.
func bindCall(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	scope.Run(ctx, func(ctx context.Context) { resp, err = next(ctx, req) })
	return resp, err
}

func bindStream(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	scope.Run(s.Context(), func(context.Context) { err = next(srv, s) })
	return err
}

// serveCalls starts the service on loopback.
func serveCalls(t *testing.T) (addr string, refused *refusals) {
	t.Helper()
	refused = new(refusals)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(
		grpc.StatsHandler(otelgrpc.NewServerHandler(with(otelscope.New(newScopes(t, "a"),
			otelscope.OnError(func(_ context.Context, err error) { refused.add(err) }))))),
		grpc.UnaryInterceptor(bindCall),
		grpc.StreamInterceptor(bindStream),
	)
	health.RegisterHealthServer(server, calls{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		assert.NoError(t, server.Serve(listener))
	}()
	t.Cleanup(func() {
		server.GracefulStop()
		<-stopped
	})
	return listener.Addr().String(), refused
}

// dialCalls returns a client whose connection injects with s.
func dialCalls(t *testing.T, addr string, s otelpropagation.TextMapPropagator) health.HealthClient {
	t.Helper()
	conn, err := grpc.NewClient(addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(with(s))))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	return health.NewHealthClient(conn)
}

// with returns the option to propagate a trace, baggage and s.
func with(s otelpropagation.TextMapPropagator) otelgrpc.Option {
	return otelgrpc.WithPropagators(otelpropagation.NewCompositeTextMapPropagator(beside, s))
}

// call makes a call, and returns what the service saw of it.
func call(t *testing.T, c health.HealthClient, ctx context.Context) (header metadata.MD) {
	t.Helper()
	_, err := c.Check(ctx, &health.HealthCheckRequest{}, grpc.Header(&header))
	require.NoError(t, err)
	return header
}

// stream makes a stream, and returns what the service saw of it.
func stream(t *testing.T, c health.HealthClient, ctx context.Context) metadata.MD {
	t.Helper()
	s, err := c.Watch(ctx, &health.HealthCheckRequest{})
	require.NoError(t, err)
	header, err := s.Header()
	require.NoError(t, err)
	_, err = s.Recv()
	require.Error(t, err, "the stream has ended")
	return header
}

func TestGRPCParallelCallsOfOneConnectionEachHaveTheirScope(t *testing.T) {
	t.Parallel()
	addr, refused := serveCalls(t)
	client := dialCalls(t, addr, otelscope.New(newScopes(t, "a"), otelscope.To("orders")))
	t.Run("tenants", func(t *testing.T) {
		for i := range 10 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				me := fmt.Sprint("tenant-", i)
				ctx, end := scope.New(scope.Set(t.Context(), tenant, me), me)
				defer end()
				for range 5 {
					assert.Equal(t, []string{me}, call(t, client, ctx).Get("whose"))
					assert.Equal(t, []string{me}, stream(t, client, ctx).Get("whose"))
					assert.Equal(t, []string{"nobody"}, call(t, client, t.Context()).Get("whose"))
					assert.Equal(t, []string{"nobody"}, stream(t, client, t.Context()).Get("whose"))
				}
			})
		}
	})
	assert.Empty(t, refused.all())
}

func TestGRPCAConnectionThatNamesNoDestinationSendsNoScope(t *testing.T) {
	t.Parallel()
	addr, refused := serveCalls(t)
	client := dialCalls(t, addr, otelscope.New(newScopes(t, "a")))
	assert.Equal(t, []string{"nobody"}, call(t, client, scope.Set(t.Context(), tenant, "acme")).Get("whose"))
	assert.Empty(t, refused.all())
}

func TestGRPCATraceAndBaggageTravelBesideAScope(t *testing.T) {
	t.Parallel()
	addr, _ := serveCalls(t)
	client := dialCalls(t, addr, otelscope.New(newScopes(t, "a"), otelscope.To("orders")))
	ctx := traced(t, t.Context())
	for name, ctx := range map[string]context.Context{"acme": scope.Set(ctx, tenant, "acme"), "nobody": ctx} {
		header := call(t, client, ctx)
		assert.Equal(t, []string{name}, header.Get("whose"))
		for key, value := range headersOf(ctx) {
			assert.Equal(t, []string{value}, header.Get(key), "%s of %s", key, name)
		}
	}
}

func TestGRPCABadTokenIsRefusedAndItsCallServedWithoutScope(t *testing.T) {
	t.Parallel()
	addr, refused := serveCalls(t)
	client := dialCalls(t, addr, otelscope.New(nil))
	for token, want := range badTokens(t) {
		seen := len(refused.all())
		ctx := metadata.AppendToOutgoingContext(t.Context(), propagation.Header, token)
		assert.Equal(t, []string{"nobody"}, call(t, client, ctx).Get("whose"))
		require.Len(t, refused.all(), seen+1, "once")
		assert.ErrorIs(t, refused.all()[seen], want)
	}
}
