// Package grpctest is a test of package otelscope through gRPC and its
// instrumentation. It has a module of its own so that nobody else has gRPC.
package grpctest
