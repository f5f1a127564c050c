package grpctest_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/grpcscope"
	"github.com/scopetree/scope/scopetest"
)

const target = "payments.test:443"

// conn is the one connection of the program under test: nothing answers there.
var conn = func() *grpc.ClientConn {
	c, err := grpc.NewClient(target, append(grpcscope.DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		panic(err)
	}
	return c
}()

var customer = scope.NewKey("customer", "nobody")

// The program keeps its connection.
func TestMain(m *testing.M) {
	grpcscope.Unrouted.SetDefault(grpcscope.Refuse)
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// pay is code under test that has no context.
func pay() string { return payIn(context.Background()) }

func payIn(ctx context.Context) string {
	r, err := pb.NewTestServiceClient(conn).UnaryCall(ctx, &pb.SimpleRequest{})
	if err != nil {
		return err.Error()
	}
	return r.Username
}

// follow makes a streaming call.
func follow(ctx context.Context) string {
	s, err := pb.NewTestServiceClient(conn).FullDuplexCall(ctx)
	if err != nil {
		return err.Error()
	}
	s.CloseSend()
	r, err := s.Recv()
	if err != nil {
		return err.Error()
	}
	s.Recv()
	return string(r.Payload.Body)
}

// A fake answers with what a function says in a handler.
type fake struct {
	pb.UnimplementedTestServiceServer
	say func(context.Context) string
}

func (f fake) UnaryCall(ctx context.Context, r *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{Username: f.say(ctx)}, nil
}

func (f fake) FullDuplexCall(s pb.TestService_FullDuplexCallServer) error {
	return s.Send(&pb.StreamingOutputCallResponse{Payload: &pb.Payload{Body: []byte(f.say(s.Context()))}})
}

func (f fake) register(s grpc.ServiceRegistrar) { pb.RegisterTestServiceServer(s, f) }

// says is a fake that says one thing.
func says(s string) fake { return fake{say: func(context.Context) string { return s }} }

// inTest runs f as code under test: with the labels carrier it could be called
// as it is.
func inTest(t testing.TB, f func(context.Context)) { scope.Run(scopetest.Context(t), f) }
