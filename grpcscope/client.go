package grpcscope

import (
	"context"

	"google.golang.org/grpc"
)

// DialOptions returns the options that make a client connection follow the
// routes of scopes. Pass them to grpc.NewClient after the others.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(callUnary),
		grpc.WithChainStreamInterceptor(callStream),
	}
}

func callUnary(ctx context.Context, method string, req, reply any, own *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, cc, err := find(ctx, method, own.Target())
	switch {
	case err != nil:
		return err
	case cc != nil:
		return cc.Invoke(ctx, method, req, reply, opts...)
	}
	return next(ctx, method, req, reply, own, opts...)
}

func callStream(ctx context.Context, desc *grpc.StreamDesc, own *grpc.ClientConn, method string, next grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	ctx, cc, err := find(ctx, method, own.Target())
	switch {
	case err != nil:
		return nil, err
	case cc != nil:
		return cc.NewStream(ctx, desc, method, opts...)
	}
	return next(ctx, desc, own, method, opts...)
}
