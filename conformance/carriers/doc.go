// Package carriers tests package propagation with servers for calls and messages: a gRPC
// server with otelgrpc, a NATS server, and a Kafka broker with kotel. They run on
// loopback, with the clients that people use. The code that serves a call or consumes a
// message there binds the goroutine itself, with scope.Run.
//
// It has a module of its own, so that nothing else depends on these servers. HTTP is
// tested in packages propagation and otelscope.
package carriers
