// Package grpcscope sends a scope's gRPC calls to a connection of its own.
//
// A program has one client connection for each service, often in a package-level
// variable. With this package it keeps that connection, and each call asks the
// scope that it is made in:
//
//	conn, err := grpc.NewClient("payments:443", append(opts, grpcscope.DialOptions()...)...)
//
//	ctx = scope.With(ctx, grpcscope.Route("payments:443", other))
//	payments.NewPaymentsClient(conn).Charge(ctx, req) // goes through other
//
// [DialOptions] makes a connection ask. [Route] says where the calls for a
// target go, streams too. [Unrouted] says what becomes of other calls. A
// connection that never has to make a call itself never connects, so a test
// needs no network.
//
// [ServerOptions] makes a server run each handler in the scope of its request.
//
// In tests, package grpctest starts a server in memory and routes a target to
// it, in one line.
//
// # Which scope decides
//
// The scope that the call's context carries decides, or else the scope of the
// goroutine that makes the call. It is asked once, when the call begins. A call
// in a scope that has ended is an error that wraps [scope.ErrEnded], and nothing
// is sent.
//
// # What a routed call keeps
//
// The context, with its deadline and its metadata, and the call's options, with
// the default ones of the connection (grpc.WithDefaultCallOptions). Dial options
// belong to a connection: a routed call has those of the connection that it goes
// through, such as credentials, retries, keep-alive and stats handlers.
// Interceptors of the first connection run if they come before DialOptions, so
// put DialOptions last.
package grpcscope
