package grpcscope_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/grpcscope"
)

// tenantOf binds the tenant that a request's metadata names.
func tenantOf(ctx context.Context, _ string) []scope.Binding {
	md, _ := metadata.FromIncomingContext(ctx)
	if names := md.Get("tenant"); len(names) == 1 {
		return []scope.Binding{tenant.Bind(names[0])}
	}
	return nil
}

func ExampleServerOptions() {
	server := grpc.NewServer(grpcscope.ServerOptions(tenantOf)...)
	pb.RegisterTestServiceServer(server, unary(func(context.Context, *pb.SimpleRequest) (*pb.SimpleResponse, error) {
		return &pb.SimpleResponse{Username: tenant.Get()}, nil // with no context
	}))
	listener := bufconn.Listen(1 << 16)
	go server.Serve(listener)
	defer server.Stop()

	conn, err := grpc.NewClient("passthrough:///server", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	fmt.Println(ask(metadata.AppendToOutgoingContext(context.Background(), "tenant", "ada"), conn))
	fmt.Println(ask(metadata.AppendToOutgoingContext(context.Background(), "tenant", "grace"), conn))
	// Output:
	// ada
	// grace
}

func ExampleRoute() {
	ctx := scope.With(context.Background(), grpcscope.Route("payments.test:443", &fakeConn{}))
	fmt.Println(ask(ctx, conn))
	// Output: faked
}
