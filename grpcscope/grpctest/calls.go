package grpctest

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// A calls brings the scope of each call to the handler that answers it. Client and server
// are in one process, so the call sends only a number, in metadata that the handler does
// not see.
type calls struct {
	fallback context.Context // carries the test's scope
	last     atomic.Int64
	running  sync.Map // number → context.Context
}

const header = "grpctest-call"

// begin notes a call. Call end when the call is over.
func (c *calls) begin(ctx context.Context) (_ context.Context, end func()) {
	number := strconv.FormatInt(c.last.Add(1), 10)
	c.running.Store(number, scope.Capture(ctx))
	return metadata.AppendToOutgoingContext(ctx, header, number), func() { c.running.Delete(number) }
}

func (c *calls) unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, end := c.begin(ctx)
	defer end()
	return next(ctx, method, req, reply, cc, opts...)
}

func (c *calls) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	ctx, end := c.begin(ctx)
	s, err := next(ctx, desc, cc, method, slices.Concat(opts, []grpc.CallOption{grpc.OnFinish(func(error) { end() })})...)
	if err != nil {
		end()
	}
	return s, err
}

// TagRPC adds the call's scope to the server's context of the call. It runs before all
// interceptors.
func (c *calls) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	from := c.fallback
	md, _ := metadata.FromIncomingContext(ctx) // a copy
	for _, number := range md[header] {
		if call, ok := c.running.Load(number); ok && engine.Identity(call.(context.Context)) != nil {
			from = call.(context.Context)
		}
	}
	delete(md, header)
	return engine.Carry(metadata.NewIncomingContext(ctx, md), from)
}

func (c *calls) HandleRPC(context.Context, stats.RPCStats)                         {}
func (c *calls) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (c *calls) HandleConn(context.Context, stats.ConnStats)                       {}
