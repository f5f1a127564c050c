package grpcscope_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/grpcscope"
)

// everyWay runs a test without this package, through a connection with its
// options but no route, and through a route.
func everyWay(t *testing.T, s pb.TestServiceServer, test func(t *testing.T, ctx context.Context, client pb.TestServiceClient), opts ...any) {
	for _, way := range []string{"plain", "not routed", "routed"} {
		t.Run(way, func(t *testing.T) { // one after another, since s is the same
			synctest.Test(t, func(t *testing.T) {
				var server []grpc.ServerOption
				var client []grpc.DialOption
				for _, o := range opts {
					switch o := o.(type) {
					case grpc.ServerOption:
						server = append(server, o)
					case grpc.DialOption:
						client = append(client, o)
					}
				}
				client = append(serve(t, s, server...), client...)
				ctx, cancel := context.WithTimeout(outside(), 100*time.Hour)
				defer cancel()
				switch way {
				case "plain":
					test(t, ctx, pb.NewTestServiceClient(plain(t, client...)))
				case "not routed":
					test(t, ctx, pb.NewTestServiceClient(plain(t, append(client, grpcscope.DialOptions()...)...)))
				case "routed":
					ctx = scope.With(ctx, grpcscope.Route(target, plain(t, client...)))
					test(t, ctx, pb.NewTestServiceClient(conn))
				}
			})
		})
	}
}

func unary(f func(context.Context, *pb.SimpleRequest) (*pb.SimpleResponse, error)) service {
	return service{unary: f}
}

func TestMetadataHolds(t *testing.T) {
	t.Parallel()
	everyWay(t, service{
		unary: func(ctx context.Context, r *pb.SimpleRequest) (*pb.SimpleResponse, error) {
			md, _ := metadata.FromIncomingContext(ctx)
			grpc.SetHeader(ctx, metadata.Pairs("head", "1", "data-bin", "\x00"))
			grpc.SetTrailer(ctx, metadata.Pairs("trail", "2"))
			return &pb.SimpleResponse{Username: md.Get("key")[0]}, nil
		},
		duplex: func(s pb.TestService_FullDuplexCallServer) error {
			md, _ := metadata.FromIncomingContext(s.Context())
			s.SetTrailer(metadata.Pairs("trail", "2"))
			return s.SendHeader(metadata.Pairs("head", md.Get("key")[0]))
		},
	}, func(t *testing.T, ctx context.Context, client pb.TestServiceClient) {
		ctx = metadata.AppendToOutgoingContext(ctx, "key", "value")
		var head, trail metadata.MD
		r, err := client.UnaryCall(ctx, &pb.SimpleRequest{}, grpc.Header(&head), grpc.Trailer(&trail))
		require.NoError(t, err)
		assert.Equal(t, "value", r.Username)
		assert.Equal(t, "1\x00", head.Get("head")[0]+head.Get("data-bin")[0])
		assert.Equal(t, []string{"2"}, trail.Get("trail"))

		s, err := client.FullDuplexCall(ctx)
		require.NoError(t, err)
		head, err = s.Header()
		require.NoError(t, err)
		assert.Equal(t, []string{"value"}, head.Get("head"))
		_, err = s.Recv()
		require.Error(t, err)
		assert.Equal(t, []string{"2"}, s.Trailer().Get("trail"))
	})
}

func TestDeadlinesHold(t *testing.T) {
	t.Parallel()
	everyWay(t, unary(func(ctx context.Context, r *pb.SimpleRequest) (*pb.SimpleResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}), func(t *testing.T, ctx context.Context, client pb.TestServiceClient) {
		ctx, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		start := time.Now()
		_, err := client.UnaryCall(ctx, &pb.SimpleRequest{})
		assert.Equal(t, codes.DeadlineExceeded, status.Code(err), err)
		assert.Equal(t, time.Hour, time.Since(start))
	})
}

func TestCancellationHolds(t *testing.T) {
	t.Parallel()
	started, cancelled := make(chan bool, 6), make(chan error, 6)
	wait := func(ctx context.Context) {
		started <- true
		<-ctx.Done()
		cancelled <- ctx.Err()
	}
	everyWay(t, service{
		unary: func(ctx context.Context, r *pb.SimpleRequest) (*pb.SimpleResponse, error) {
			wait(ctx)
			return nil, nil
		},
		duplex: func(s pb.TestService_FullDuplexCallServer) error {
			wait(s.Context())
			return nil
		},
	}, func(t *testing.T, ctx context.Context, client pb.TestServiceClient) {
		inUnary, cancel := context.WithCancel(ctx)
		go func() {
			<-started
			cancel()
		}()
		_, err := client.UnaryCall(inUnary, &pb.SimpleRequest{})
		assert.Equal(t, codes.Canceled, status.Code(err), err)
		assert.Equal(t, context.Canceled, <-cancelled)

		inStream, cancel := context.WithCancel(ctx)
		s, err := client.FullDuplexCall(inStream)
		require.NoError(t, err)
		<-started
		cancel()
		_, err = s.Recv()
		assert.Equal(t, codes.Canceled, status.Code(err), err)
		assert.Equal(t, context.Canceled, <-cancelled)
	})
}

func TestErrorsKeepTheirDetails(t *testing.T) {
	t.Parallel()
	everyWay(t, unary(func(ctx context.Context, r *pb.SimpleRequest) (*pb.SimpleResponse, error) {
		s, err := status.New(codes.ResourceExhausted, "no money").WithDetails(&errdetails.ErrorInfo{Reason: "BALANCE"})
		if err != nil {
			return nil, err
		}
		return nil, s.Err()
	}), func(t *testing.T, ctx context.Context, client pb.TestServiceClient) {
		_, err := client.UnaryCall(ctx, &pb.SimpleRequest{})
		s := status.Convert(err)
		assert.Equal(t, codes.ResourceExhausted, s.Code())
		assert.Equal(t, "no money", s.Message())
		require.Len(t, s.Details(), 1)
		assert.Equal(t, "BALANCE", s.Details()[0].(*errdetails.ErrorInfo).Reason)
		_, err = client.EmptyCall(ctx, &pb.Empty{})
		assert.Equal(t, codes.Unimplemented, status.Code(err))
	})
}

// A received keeps how requests were compressed.
type received struct{ compression atomic.Value }

func (r *received) HandleRPC(_ context.Context, s stats.RPCStats) {
	if h, ok := s.(*stats.InHeader); ok {
		r.compression.Store(h.Compression)
	}
}
func (*received) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (*received) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (*received) HandleConn(context.Context, stats.ConnStats)                       {}

func TestCompressionHolds(t *testing.T) {
	t.Parallel()
	seen := new(received)
	everyWay(t, says("compressed"), func(t *testing.T, ctx context.Context, client pb.TestServiceClient) {
		r, err := client.UnaryCall(ctx, &pb.SimpleRequest{Payload: &pb.Payload{Body: make([]byte, 1<<20)}}, grpc.UseCompressor(gzip.Name))
		require.NoError(t, err)
		assert.Equal(t, "compressed", r.Username)
		assert.Equal(t, gzip.Name, seen.compression.Swap(""))
	}, grpc.StatsHandler(seen))
}

func TestRetriesHold(t *testing.T) {
	t.Parallel()
	everyWay(t, unary(func(ctx context.Context, r *pb.SimpleRequest) (*pb.SimpleResponse, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		attempts := md.Get("grpc-previous-rpc-attempts")
		if len(attempts) == 0 || attempts[0] < "2" {
			return nil, status.Error(codes.Unavailable, "again")
		}
		return &pb.SimpleResponse{Username: "after " + attempts[0]}, nil
	}), func(t *testing.T, ctx context.Context, client pb.TestServiceClient) {
		r, err := client.UnaryCall(ctx, &pb.SimpleRequest{})
		require.NoError(t, err)
		assert.Equal(t, "after 2", r.Username)
	}, grpc.WithDefaultServiceConfig(`{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 4,
		"initialBackoff": "0.1s", "maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`))
}

func TestKeepAliveHolds(t *testing.T) {
	t.Parallel()
	everyWay(t, says("alive"), func(t *testing.T, ctx context.Context, client pb.TestServiceClient) {
		_, err := client.UnaryCall(ctx, &pb.SimpleRequest{})
		require.NoError(t, err)
		time.Sleep(25 * time.Minute) // the connection is dead by now
		start := time.Now()
		_, err = client.UnaryCall(ctx, &pb.SimpleRequest{})
		assert.Equal(t, codes.Unavailable, status.Code(err), err)
		assert.ErrorContains(t, err, "keepalive")
		assert.Less(t, time.Since(start), time.Minute)
		_, err = client.UnaryCall(ctx, &pb.SimpleRequest{}, grpc.WaitForReady(true))
		assert.NoError(t, err, "on a new connection")
	}, grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}))
}
