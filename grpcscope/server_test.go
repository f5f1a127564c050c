package grpcscope_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/grpcscope"
)

var tenant = scope.NewKey("tenant", "none")

// tells is a service that answers with the tenant of its context and of its
// goroutine.
func tells() service {
	tell := func(ctx context.Context) (answer string) {
		scope.Run(outside(), func(context.Context) { answer = scope.Get(ctx, tenant) })
		return answer + " " + tenant.Get()
	}
	return service{
		unary: func(ctx context.Context, r *pb.SimpleRequest) (*pb.SimpleResponse, error) {
			return &pb.SimpleResponse{Username: tell(ctx)}, nil
		},
		duplex: func(s pb.TestService_FullDuplexCallServer) error {
			for {
				if _, err := s.Recv(); err != nil {
					return nil
				}
				if err := s.Send(&pb.StreamingOutputCallResponse{Payload: &pb.Payload{Body: []byte(tell(s.Context()))}}); err != nil {
					return err
				}
			}
		},
	}
}

// tenantAndMethod binds both, in one value.
func tenantAndMethod(ctx context.Context, method string) []scope.Binding {
	b := tenantOf(ctx, method)
	if b != nil {
		b = append(b, tenant.Bind(scope.Get(scope.With(ctx, b...), tenant)+method[len("/grpc.testing.TestService"):]))
	}
	return b
}

func TestAHandlerRunsInTheScopeOfItsRequest(t *testing.T) {
	t.Parallel()
	var c *grpc.ClientConn
	scope.Run(scope.Set(outside(), tenant, "the server's"), func(context.Context) {
		c = plain(t, serve(t, tells(), grpcscope.ServerOptions(tenantAndMethod)...)...)
	})
	for range 2 {
		for _, name := range []string{"one", "two"} {
			ctx := metadata.AppendToOutgoingContext(outside(), "tenant", name)
			assert.Equal(t, name+"/UnaryCall "+name+"/UnaryCall", ask(ctx, c))
			assert.Equal(t, name+"/FullDuplexCall "+name+"/FullDuplexCall", stream(ctx, c))
		}
		if scope.Carrier() == "labels" { // whose goroutines inherit
			assert.Equal(t, "the server's the server's", ask(outside(), c))
			assert.Equal(t, "the server's the server's", stream(outside(), c))
		}
	}
}

func TestAnInterceptorBeforeMaySetTheScope(t *testing.T) {
	t.Parallel()
	set := grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
		return h(scope.Set(ctx, tenant, "set"), req)
	})
	c := plain(t, serve(t, tells(), append([]grpc.ServerOption{set}, grpcscope.ServerOptions()...)...)...)
	assert.Equal(t, "set set", ask(outside(), c))
}
