// Package httpxtest makes fake HTTP servers for tests, in the manner of
// net/http/httptest.
//
//	func TestProfile(t *testing.T) {
//		t.Parallel()
//		gh := httpxtest.Mock(t, "api.github.com")
//		gh.Expect("GET /users/{login}").Reply(httpxtest.JSON(200, user))
//
//		page := get("/?username=octocat") // calls https://api.github.com/users/octocat
//		...
//	}
//
// One line makes a fake GitHub for this test alone. The next line declares a request
// that the test expects. The code under test calls https://api.github.com as always.
//
// When you import the package, http.DefaultTransport follows the routes of the test
// that sends. It is changed in place: see [github.com/scopetree/scope/httpx.Install]
// for the clients that this reaches. You need no TestMain. With [Main] as TestMain,
// requests to other machines are refused unless a test allows them.
//
// A Mock may come late. Servers, goroutines and contexts from before a Mock see its
// route, and so do the replies of other fakes. There is one exception: a goroutine that
// started before the test's first call of this package or scopetest, and whose starter
// has ended meanwhile, such as a goroutine of a handler whose connection is closed. The
// library can't find its test, so it is in no scope. Call scopetest.Context(t) before you
// start the server.
//
// # Verification
//
// When the test ends, it fails for each expectation that was not met, and for each
// request that came to a fake and that the test does not expect, even if the client
// swallowed the error. A request to another host, which no route takes, is an error for
// the client only. The report shows the request, the nearest route and why it did not
// match, and every route with the line that declared it. (Here a route is an
// expectation or a stub, as on a mux.) The client has got the same text, with status
// 501. A reply that panics, or an assertion that fails in one, fails the test too.
//
// # Subtests
//
// A subtest inherits its parent's routes, and may declare more on the parent's
// server. They are verified at the end of the parent. A Mock of the same host in the
// subtest has a server of its own, which shadows the parent's for that subtest. In
// one test, a host has one fake: a second Mock of it returns the first.
//
// # Replies and faults
//
// A reply is any http.Handler. This package's replies compose: what changes a reply
// takes it last, as in WithStatus(201, Delay(time.Second, JSON(200, user))). [Reset],
// [EOFAfter], [Stall] and their like break the connection as networks do, and [Error]
// makes the client's RoundTrip return an error of the test's.
package httpxtest
