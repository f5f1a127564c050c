package grpctest

import (
	"context"
	"errors"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	"github.com/scopetree/scope/grpcscope"
	"github.com/scopetree/scope/scopetest"
)

// A Server is a gRPC server in memory that belongs to a test.
type Server struct {
	// Conn is a connection to the server, for a test that makes calls itself.
	// It closes with the test.
	Conn *grpc.ClientConn

	server *grpc.Server
}

// Serve starts a server with the services that register adds. It routes the calls of t's
// scope for target to the server ([grpcscope.Route]). opts are the server's. The server
// stops at the end of the test: it cancels the handlers that still run, and waits for
// them.
//
// A handler runs in the scope of the call that it answers. If the call has none, or is
// over, the handler runs in the test's scope.
func Serve(t testing.TB, target string, register func(grpc.ServiceRegistrar), opts ...grpc.ServerOption) *Server {
	t.Helper()
	ctx := scopetest.Context(t) // first, so that the scope ends after the server
	calls := &calls{fallback: ctx}
	opts = append(append([]grpc.ServerOption{grpc.WaitForHandlers(true), grpc.StatsHandler(calls), grpc.Creds(private)},
		grpcscope.ServerOptions()...), opts...)
	s := &Server{server: grpc.NewServer(opts...)}
	register(s.server)

	listener := bufconn.Listen(64 << 10)
	conn, err := grpc.NewClient("passthrough:///"+target,
		grpc.WithTransportCredentials(private),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithUnaryInterceptor(calls.unary), grpc.WithStreamInterceptor(calls.stream))
	if err != nil {
		t.Fatalf("grpctest: Serve(%q): %v", target, err)
	}
	s.Conn = conn
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(listener) }()
	t.Cleanup(func() {
		t.Helper()
		conn.Close()
		s.server.Stop()
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) { // Stop was called before Serve began
			t.Errorf("grpctest: the server of %q: %v", target, err)
		}
	})
	scopetest.With(t, grpcscope.Route(target, conn))
	return s
}

// Stop stops the server as a crash would: calls under way fail, and later ones fail to
// connect. The test's calls for the target go to no other server.
func (s *Server) Stop() { s.server.Stop() }
