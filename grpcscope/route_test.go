package grpcscope_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/grpcscope"
)

var refuse = grpcscope.Unrouted.Bind(grpcscope.Refuse)

func TestACallGoesWhereItsScopeRoutesIt(t *testing.T) {
	t.Parallel()
	one, two := plain(t, serve(t, says("one"))...), plain(t, serve(t, says("two"))...)
	inOne := scope.With(outside(), grpcscope.Route(target, one))
	inTwo := scope.With(inOne, grpcscope.Route("other.test:443", one), grpcscope.Route(target, two))
	for range 2 {
		assert.Equal(t, "one", ask(inOne, conn))
		assert.Equal(t, "two", ask(inTwo, conn))
		assert.Equal(t, "one", stream(inOne, conn))
		assert.Equal(t, "two", stream(inTwo, conn))
	}
	scope.Run(inOne, func(context.Context) {
		assert.Equal(t, "one", ask(context.Background(), conn), "by its goroutine")
		assert.Equal(t, "two", stream(inTwo, conn), "by its context")
	})
}

func TestAStreamKeepsItsRoute(t *testing.T) {
	t.Parallel()
	ctx, end := scope.New(outside(), "short")
	ctx = scope.With(ctx, grpcscope.Route(target, plain(t, serve(t, says("one"))...)))
	s, err := pb.NewTestServiceClient(conn).FullDuplexCall(ctx)
	require.NoError(t, err)
	end()
	require.NoError(t, s.Send(&pb.StreamingOutputCallRequest{}))
	r, err := s.Recv()
	require.NoError(t, err)
	assert.Equal(t, "one", string(r.Payload.Body))
	require.NoError(t, s.CloseSend())
	_, err = s.Recv()
	assert.Error(t, err)
}

func TestOnlyTheEndpointOfATargetCounts(t *testing.T) {
	t.Parallel()
	to := grpc.ClientConnInterface(plain(t, serve(t, says("fake"))...))
	for route, dialled := range map[string]string{
		"dns:///a.test:1":         "a.test:1",
		"b.test:1":                "dns:///b.test:1",
		"passthrough:///c.test:1": "dns://127.0.0.1/c.test:1",
		"dns:///d%20.test":        "passthrough:///d%20.test",
		"unix:/e":                 "unix:/e",
	} {
		c := dial(dialled)
		defer c.Close()
		assert.Equal(t, "fake", ask(scope.With(outside(), refuse, grpcscope.Route(route, to)), c), "%s for %s", route, dialled)
	}
}

func TestACallThatNoRouteTakesGoesThroughItsOwnConnection(t *testing.T) {
	t.Parallel()
	c := dial("passthrough:///own", serve(t, says("own"))...)
	defer c.Close()
	for _, ctx := range []context.Context{outside(), scope.With(outside(), grpcscope.Route("other.test", conn))} {
		assert.Equal(t, "own", ask(ctx, c))
		assert.Equal(t, "own", stream(ctx, c))
	}
}

func TestRefuseNamesTheCallTheScopeAndTheRoutes(t *testing.T) {
	t.Parallel()
	named, end := scope.New(outside(), "TestCheckout")
	defer end()
	to := plain(t, serve(t, says("fake"))...)
	const call = "grpcscope: /grpc.testing.TestService/UnaryCall to payments.test:443: refused: "
	for want, ctx := range map[string]context.Context{
		call + `no route for it, and grpcscope.Unrouted is Refuse; routes: none`: scope.With(outside(), refuse),
		call + `no route for it in scope "TestCheckout", where grpcscope.Unrouted is Policy(7); ` +
			`routes: mail.test:443 → *grpcscope_test.fakeConn, ship.test:443 → passthrough:///plain`: scope.With(named,
			grpcscope.Unrouted.Bind(7), grpcscope.Route("ship.test:443", to), grpcscope.Route("mail.test:443", &fakeConn{})),
	} {
		assert.Equal(t, want, ask(ctx, conn))
		_, err := pb.NewTestServiceClient(conn).FullDuplexCall(ctx)
		assert.ErrorIs(t, err, grpcscope.ErrRefused)
		assert.Equal(t, codes.FailedPrecondition, status.Code(err))
	}
}

func TestACallInAnEndedScopeIsAnError(t *testing.T) {
	t.Parallel()
	ctx, end := scope.New(outside(), "TestOver")
	ctx = scope.With(ctx, grpcscope.Route(target, plain(t, serve(t, says("fake"))...)))
	end()
	const want = `: scope "TestOver" has ended`
	assert.Equal(t, "grpcscope: /grpc.testing.TestService/UnaryCall to payments.test:443"+want, ask(ctx, conn))
	assert.Equal(t, "grpcscope: /grpc.testing.TestService/FullDuplexCall to payments.test:443"+want, stream(ctx, conn))
	_, err := pb.NewTestServiceClient(conn).EmptyCall(ctx, &pb.Empty{})
	assert.ErrorIs(t, err, scope.ErrEnded)
}

// A fakeConn is a connection of a test's own.
type fakeConn struct{ forward grpc.ClientConnInterface }

func (f *fakeConn) Invoke(ctx context.Context, method string, req, reply any, opts ...grpc.CallOption) error {
	if f.forward != nil {
		return f.forward.Invoke(ctx, method, req, reply, opts...)
	}
	reply.(*pb.SimpleResponse).Username = "faked"
	return nil
}

func (f *fakeConn) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, status.Error(codes.Unimplemented, "no streams")
}

func TestARouteMayLeadToAFakeConnection(t *testing.T) {
	t.Parallel()
	ctx := scope.With(outside(), grpcscope.Route(target, &fakeConn{}))
	assert.Equal(t, "faked", ask(ctx, conn))
	assert.Contains(t, stream(ctx, conn), "no streams")
}

func TestACallIsRoutedOnce(t *testing.T) {
	t.Parallel()
	own := dial(target, append(serve(t, says("own")), grpc.WithResolvers())...)
	defer own.Close()
	back := dial("passthrough:///back", serve(t, says("back"))...)
	defer back.Close()
	for name, to := range map[string]grpc.ClientConnInterface{
		"back": back, "own": &fakeConn{forward: back},
	} {
		ctx := scope.With(outside(), refuse, grpcscope.Route(target, to))
		assert.Equal(t, "back", ask(ctx, conn), name)
	}
}

// As an interceptor of the routed connection that asks for a token.
func TestOtherCallsOfARoutedCallAreRoutedThemselves(t *testing.T) {
	t.Parallel()
	auth := dial("auth.test:443")
	defer auth.Close()
	opts := serve(t, says("paid"))
	to := plain(t, append(opts, grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if _, err := pb.NewTestServiceClient(auth).EmptyCall(ctx, &pb.Empty{}); err != nil {
			return err
		}
		return next(ctx, method, req, reply, cc, opts...)
	}))...)
	ctx := scope.With(outside(), refuse, grpcscope.Route(target, to))
	assert.Contains(t, ask(ctx, conn), "EmptyCall to auth.test:443: refused")
}

func TestANilConnectionPanicsInWords(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, `grpcscope: Route("a.test:1") to a nil connection`, func() { grpcscope.Route("a.test:1", nil) })
}

func TestRoutesAndPoliciesPrint(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "grpcscope.route=a.test:1 → *grpcscope_test.fakeConn", grpcscope.Route("dns:///a.test:1", &fakeConn{}).String())
	assert.Equal(t, "Allow Refuse Policy(-1)", fmt.Sprint(grpcscope.Allow, " ", grpcscope.Refuse, " ", grpcscope.Policy(-1)))
	assert.Zero(t, grpcscope.Allow)
}
