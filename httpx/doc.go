// Package httpx redirects the HTTP requests that a scope makes, such as to a
// test's fake server. The code under test keeps calling http.Get with the real URL.
//
//	func init() { httpx.Install() } // package httpxtest does it when it is imported
//
//	func TestProfile(t *testing.T) {
//		t.Parallel()
//		scopetest.With(t, httpx.Route("api.github.com", fake.URL))
//		resp, err := http.Get("https://api.github.com/users/x") // answered by this test's fake
//	}
//
// # Vocabulary
//
//   - A route says which hosts it takes and where their requests go: to a target,
//     which is a URL ([Route]), to a handler in memory ([RouteHandler]), or through
//     a transport ([RouteTransport]). Routes are bindings: pass them to
//     [scope.With] or scopetest.With.
//   - The base URL is a route for all requests that no other route takes ([BaseURL]).
//   - A request is unrouted if neither a route nor a base URL takes it. It goes to
//     the real host, or is refused ([Unrouted]).
//
// # Which route counts
//
// A request's route is looked up once, when the request is sent. If the request's
// context carries a scope, that scope decides. Otherwise the scope of the sending
// goroutine decides. The nearest scope that takes the request wins, so an inner
// scope's base URL comes before an outer scope's route. Within one scope the most
// specific host wins, and a host with a port comes before the same host without
// one. A base URL of "" in an inner scope hides outer base URLs, but no routes.
//
// Routes take http and https requests that have a host. A request that is already
// at a target of a route or a base URL is left alone, such as after the fake redirects
// to itself. A CONNECT can go to a handler or a transport, but not to a target.
//
// A request fails before anything is sent if a route is malformed, if the scope has
// ended, or if the request is refused. The error names the request, the scope and
// the route:
//
//	httpx: GET https://api.github.com/users/x: scope "TestProfile" has ended
//
// A client of package http returns it in a *url.Error, where errors.Is finds [ErrRefused]
// and scope.ErrEnded.
//
// # What is sent
//
// A target gets the request with the target's scheme, host and Host header. The
// request's path is appended to the target's path, and its query is kept. Escapes
// are kept, and paths are not cleaned. X-Forwarded-Host and X-Forwarded-Proto hold
// the original host and scheme, unless the request has these headers already. With
// [KeepHost] the Host header stays. A handler or a transport sees the request as it
// was sent.
//
// Otherwise package http's rules hold. The caller's request is not changed. The
// response's Request is the caller's, so cookies, redirects and Referer are those
// of the real URL. (After [Install] it is a copy if the request has a body.) Package http's own server calls a handler in memory, over a
// connection in memory.
//
// # Clients with a transport of their own
//
// [Install] reaches every client that sends through http.DefaultTransport, even if
// the client took it before Install, and most clones that are made later: Install has
// the list of those that escape. A client with a transport of its own needs one line:
//
//	client := &http.Client{Transport: httpx.Wrap(own)}
//
// # A server that many tests share
//
// Such a server's goroutines inherit no test's scope. Make its handler with [Adopt].
// A request that carries a [Token] of a test's scope then runs in that scope.
//
// # Limits
//
// Requests that a handler in memory or a route's own transport answers don't pass
// through [Transport.Base]. A wrapper there doesn't see them.
//
// A fake that redirects to its own absolute URL sends the client to another host,
// and package http sends no Authorization there. Let the fake redirect to a path.
//
// A handler in memory learns that its client has gone only after it has read the
// request's body, as with a socket. It speaks no TLS: for https, the handler and the
// client see a made-up TLS state.
package httpx
