// Package grpctest gives each test gRPC servers of its own, also tests that run
// in parallel and code with one package-level client connection.
//
//	func TestCharge(t *testing.T) {
//		t.Parallel()
//		grpctest.Serve(t, "payments:443", func(s grpc.ServiceRegistrar) {
//			payments.RegisterPaymentsServer(s, fake{})
//		})
//
//		checkout() // calls the fake through the program's own connection
//	}
//
// The program's connection must have [grpcscope.DialOptions]. The server is
// gRPC's own, in memory, and closes when the test ends. It works in a bubble of
// testing/synctest too.
package grpctest
