package grpctest

import (
	"context"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	otelpropagation "go.opentelemetry.io/otel/propagation"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/otelscope"
	"github.com/scopetree/scope/propagation"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var tenant = scope.NewKey("tenant", "nobody")

// orders is a service that says in a header whose call it serves: as the context
// has it, and as the goroutine does.
type orders struct {
	health.UnimplementedHealthServer
}

func (orders) Check(ctx context.Context, _ *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	return &health.HealthCheckResponse{}, grpc.SetHeader(ctx, seen(ctx))
}

func (orders) Watch(_ *health.HealthCheckRequest, s grpc.ServerStreamingServer[health.HealthCheckResponse]) error {
	return s.SendHeader(seen(s.Context()))
}

func seen(ctx context.Context) metadata.MD {
	return metadata.Pairs("seen", scope.Get(ctx, tenant), "seen", tenant.Get())
}

// A gRPC server has no middleware of ours: an interceptor binds its goroutine.
func bindCall(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	scope.Run(ctx, func(ctx context.Context) { resp, err = next(ctx, req) })
	return resp, err
}

func bindStream(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	scope.Run(s.Context(), func(context.Context) { err = next(srv, s) })
	return err
}

// serve starts the service on loopback, and returns its address and the errors
// of tokens that it refused.
func serve(t *testing.T, p *propagation.Propagator) (addr string, refused func() []error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var mu sync.Mutex // guards list
	var list []error
	server := grpc.NewServer(
		grpc.StatsHandler(otelgrpc.NewServerHandler(propagators(
			otelscope.New(p, otelscope.OnError(func(_ context.Context, err error) {
				mu.Lock()
				defer mu.Unlock()
				list = append(list, err)
			}))))),
		grpc.UnaryInterceptor(bindCall),
		grpc.StreamInterceptor(bindStream),
	)
	health.RegisterHealthServer(server, orders{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		assert.NoError(t, server.Serve(listener))
	}()
	t.Cleanup(func() {
		server.Stop()
		<-stopped
	})
	return listener.Addr().String(), func() []error {
		mu.Lock()
		defer mu.Unlock()
		return append([]error(nil), list...)
	}
}

// dial returns a client whose connection injects with s.
func dial(t *testing.T, addr string, s otelpropagation.TextMapPropagator) health.HealthClient {
	t.Helper()
	conn, err := grpc.NewClient(addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(propagators(s))))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	return health.NewHealthClient(conn)
}

func propagators(s otelpropagation.TextMapPropagator) otelgrpc.Option {
	return otelgrpc.WithPropagators(otelpropagation.NewCompositeTextMapPropagator(
		otelpropagation.TraceContext{}, otelpropagation.Baggage{}, s))
}

// call returns what the service saw in a call.
func call(t *testing.T, c health.HealthClient, ctx context.Context) []string {
	t.Helper()
	var header metadata.MD
	_, err := c.Check(ctx, &health.HealthCheckRequest{}, grpc.Header(&header))
	require.NoError(t, err)
	return header.Get("seen")
}

// stream returns what the service saw in a stream.
func stream(t *testing.T, c health.HealthClient, ctx context.Context) []string {
	t.Helper()
	s, err := c.Watch(ctx, &health.HealthCheckRequest{})
	require.NoError(t, err)
	header, err := s.Header()
	require.NoError(t, err)
	_, err = s.Recv()
	require.Error(t, err, "the stream has ended")
	return header.Get("seen")
}

func newScopes(t *testing.T) *propagation.Propagator {
	t.Helper()
	p, err := propagation.New(propagation.Config{
		Secrets:  []propagation.Secret{propagation.NewSecret("a", make([]byte, propagation.MinKey))},
		Audience: "orders",
		Allow:    []propagation.Entry{propagation.Allow(tenant, propagation.Text)},
	})
	require.NoError(t, err)
	return p
}

func TestAScopeGoesOverAConnectionThatNamesItsDestination(t *testing.T) {
	t.Parallel()
	p := newScopes(t)
	addr, refused := serve(t, p)
	ctx := scope.Set(t.Context(), tenant, "acme")

	named := dial(t, addr, otelscope.New(p, otelscope.To("orders")))
	assert.Equal(t, []string{"acme", "acme"}, call(t, named, ctx))
	assert.Equal(t, []string{"acme", "acme"}, stream(t, named, ctx))
	assert.Equal(t, []string{"nobody", "nobody"}, call(t, named, t.Context()), "the next on this connection")

	unnamed := dial(t, addr, otelscope.New(p))
	assert.Equal(t, []string{"nobody", "nobody"}, call(t, unnamed, ctx))
	assert.Empty(t, refused())
}

func TestACallWithARefusedTokenIsServedWithoutScope(t *testing.T) {
	t.Parallel()
	p := newScopes(t)
	addr, refused := serve(t, p)
	forged := metadata.AppendToOutgoingContext(t.Context(), propagation.Header, "1.a.forged.token")
	assert.Equal(t, []string{"nobody", "nobody"}, call(t, dial(t, addr, otelscope.New(p)), forged))
	require.Len(t, refused(), 1, "once")
	assert.ErrorIs(t, refused()[0], propagation.ErrMalformed)
}
