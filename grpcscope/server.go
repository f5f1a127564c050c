package grpcscope

import (
	"context"

	"google.golang.org/grpc"

	"github.com/scopetree/scope"
)

// ServerOptions returns the options that make a server run each handler in the scope of
// its request. The handler's context carries the scope, and its goroutine is bound to it,
// for code below that has no context. Each bind adds bindings for a request. It gets the
// request's context and the full name of the method, and runs before the handler.
//
// The request's scope is the one that its context carries, or else the scope of the
// goroutine that started the server. Put interceptors that set a scope, or metadata that
// bind reads, before these options.
func ServerOptions(bind ...func(ctx context.Context, method string) []scope.Binding) []grpc.ServerOption {
	bound := func(ctx context.Context, method string) context.Context {
		for _, b := range bind {
			ctx = scope.With(ctx, b(ctx, method)...)
		}
		return ctx
	}
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (reply any, err error) {
			scope.Run(bound(ctx, info.FullMethod), func(ctx context.Context) { reply, err = handler(ctx, req) })
			return reply, err
		}),
		grpc.ChainStreamInterceptor(func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
			scope.Run(bound(ss.Context(), info.FullMethod), func(ctx context.Context) { err = handler(srv, stream{ss, ctx}) })
			return err
		}),
	}
}

// A stream is a server's stream with another context.
type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }
