// Package logtest gives each test a log of its own, also tests that run in
// parallel and code that logs to the program's one default logger.
//
//	func TestCheckout(t *testing.T) {
//		t.Parallel()
//		log := logtest.Capture(t)
//		log.Expect(slog.LevelInfo, "paid", "order", 7)
//		log.Never(slog.LevelError)
//
//		checkout(7) // calls slog.Info("paid", "order", 7)
//	}
//
// The test's log is printed through t.Output, so it shows where the test fails
// or runs with -v. Values print as package fmt prints them: the values of a
// redacted key that a scope.Binding holds stay redacted.
//
// Under the gls carrier a test's goroutine can't be bound to its scope: call the
// code under test in scope.Run, with the context of scopetest.Context.
package logtest
