// Package carriers is tests of package propagation with what carries calls and
// messages: a gRPC server with otelgrpc, a NATS server, and a Kafka broker with
// kotel, on loopback, with the clients that people use. Who serves a call or
// consumes a message there binds the goroutine itself, with scope.Run.
//
// It has a module of its own so that nobody else has the servers. HTTP is tested
// in packages propagation and otelscope.
package carriers
