//go:build !scope_portable

package grpctest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/scopetree/scope/grpcscope"
	"github.com/scopetree/scope/grpcscope/grpctest"
)

func newConn(target string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	return grpc.NewClient(target, append(options, grpcscope.DialOptions()...)...)
}

var health = func() healthpb.HealthClient {
	conn, err := newConn("health.example.com:443", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		panic(err)
	}
	return healthpb.NewHealthClient(conn)
}()

// isUp is code under test: it knows of no test.
func isUp(ctx context.Context) (bool, error) {
	reply, err := health.Check(ctx, &healthpb.HealthCheckRequest{})
	return reply.GetStatus() == healthpb.HealthCheckResponse_SERVING, err
}

// fakeHealth is a server that always gives one answer.
type fakeHealth struct {
	healthpb.UnimplementedHealthServer
	status healthpb.HealthCheckResponse_ServingStatus
}

func (f fakeHealth) Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	return &healthpb.HealthCheckResponse{Status: f.status}, nil
}

func TestIsUp(t *testing.T) {
	t.Parallel()
	grpctest.Serve(t, "health.example.com:443", func(s grpc.ServiceRegistrar) {
		healthpb.RegisterHealthServer(s, fakeHealth{status: healthpb.HealthCheckResponse_SERVING})
	})

	up, err := isUp(t.Context())

	require.NoError(t, err)
	assert.True(t, up)
}

func TestIsUpWhenTheServerIsGone(t *testing.T) {
	t.Parallel()
	server := grpctest.Serve(t, "health.example.com:443", func(s grpc.ServiceRegistrar) {
		healthpb.RegisterHealthServer(s, fakeHealth{})
	})
	server.Stop()

	_, err := isUp(t.Context())

	assert.Equal(t, codes.Unavailable, status.Code(err))
}
