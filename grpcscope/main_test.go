package grpcscope_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/test/bufconn"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/grpcscope"
)

const target = "payments.test:443"

// conn is the one connection of the program under test: nothing answers there.
var conn = dial(target)

// The program keeps its connection.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

// outside is a context that carries an empty scope.
func outside() context.Context { return scope.Detach(context.Background()) }

func dial(target string, opts ...grpc.DialOption) *grpc.ClientConn {
	opts = append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, opts...)
	c, err := grpc.NewClient(target, append(opts, grpcscope.DialOptions()...)...)
	if err != nil {
		panic(err)
	}
	return c
}

// A service answers as its functions do.
type service struct {
	pb.UnimplementedTestServiceServer
	unary  func(context.Context, *pb.SimpleRequest) (*pb.SimpleResponse, error)
	duplex func(pb.TestService_FullDuplexCallServer) error
}

func (s service) UnaryCall(ctx context.Context, r *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return s.unary(ctx, r)
}

func (s service) FullDuplexCall(stream pb.TestService_FullDuplexCallServer) error {
	return s.duplex(stream)
}

// says is a service that answers with a name.
func says(name string) service {
	return service{
		unary: func(context.Context, *pb.SimpleRequest) (*pb.SimpleResponse, error) {
			return &pb.SimpleResponse{Username: name}, nil
		},
		duplex: func(stream pb.TestService_FullDuplexCallServer) error {
			for {
				if _, err := stream.Recv(); err != nil {
					return nil
				}
				if err := stream.Send(&pb.StreamingOutputCallResponse{Payload: &pb.Payload{Body: []byte(name)}}); err != nil {
					return err
				}
			}
		},
	}
}

// ask makes a unary call and returns the answer, or the error's text.
func ask(ctx context.Context, c grpc.ClientConnInterface) string {
	r, err := pb.NewTestServiceClient(c).UnaryCall(ctx, &pb.SimpleRequest{})
	if err != nil {
		return err.Error()
	}
	return r.Username
}

// stream opens a stream, asks twice, and returns the last answer or the error's
// text.
func stream(ctx context.Context, c grpc.ClientConnInterface) (answer string) {
	s, err := pb.NewTestServiceClient(c).FullDuplexCall(ctx)
	if err != nil {
		return err.Error()
	}
	for range 2 {
		if err := s.Send(&pb.StreamingOutputCallRequest{}); err != nil {
			return err.Error()
		}
		r, err := s.Recv()
		if err != nil {
			return err.Error()
		}
		answer = string(r.Payload.Body)
	}
	if err := s.CloseSend(); err != nil {
		return err.Error()
	}
	s.Recv()
	return answer
}

// serve starts a server without this package, and returns the options that dial
// it.
func serve(t testing.TB, s pb.TestServiceServer, opts ...grpc.ServerOption) []grpc.DialOption {
	t.Helper()
	listener := bufconn.Listen(64 << 10)
	server := grpc.NewServer(append(opts, grpc.WaitForHandlers(true))...)
	pb.RegisterTestServiceServer(server, s)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-done)
	})
	return []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			c, err := listener.DialContext(ctx)
			return &aging{c, time.Now()}, err
		}),
	}
}

// An aging connection receives nothing after 20 minutes, and does not tell.
type aging struct {
	net.Conn
	since time.Time
}

func (a *aging) Read(p []byte) (int, error) {
	for {
		n, err := a.Conn.Read(p)
		if err != nil || time.Since(a.since) < 20*time.Minute {
			return n, err
		}
	}
}

// plain connects without this package.
func plain(t testing.TB, opts ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	c, err := grpc.NewClient("passthrough:///plain", opts...)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}
