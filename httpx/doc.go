// Package httpx sends a scope's HTTP requests where the scope says, while the
// code that makes them keeps calling http.Get with the real URL.
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
// A route says which hosts it takes and where their requests go: to a target,
// which is a URL ([Route]), to a handler in memory ([RouteHandler]), or through
// a transport ([RouteTransport]). Routes are bindings, made for [scope.With] and
// scopetest.With. The base URL is a route for everything that no other takes
// ([BaseURL]). A request that nothing takes is unrouted, and is sent where it
// was sent or refused ([Unrouted]).
//
// # Which route counts
//
// A request is looked up once, when it is sent: in the scope of its context, or
// else of the goroutine that sends it. The nearest scope that takes it wins;
// within one scope the most specific host, and a host with a port before the
// same without. So an inner scope's base URL comes before an outer scope's
// route. A base URL of "" in an inner scope hides the outer ones, and no routes.
//
// Routes take http and https requests that have a host. A request that is at a
// target already, such as after a redirect by the fake to itself, is left alone.
// A CONNECT goes to a handler or a transport: a target can't take it.
//
// A malformed route, a scope that has ended, and a request that is refused are
// errors before anything is sent, and say which request, scope and route it was:
//
//	httpx: GET https://api.github.com/users/x: scope "TestProfile" has ended
//
// # What is sent
//
// To a target: the request with the target's scheme and host, its path behind
// the target's, and its query. No escape is lost, and no path is cleaned. Host is
// the target's. The original stands in X-Forwarded-Host and X-Forwarded-Proto, unless
// the request has those already. With [KeepHost] the Host stays. A handler or a
// transport sees the request as it was sent.
//
// The rest is as package http has it: the caller's request is not changed, and
// the response's Request is the caller's, so that cookies, redirects and Referer
// are those of the real URL. A handler in memory is called by package http's own
// server, over a connection in memory.
//
// # Clients with a transport of their own
//
// [Install] reaches clients that send through http.DefaultTransport, whenever they
// took it, and through clones of it that were made later. A client with a transport of
// its own needs one line:
//
//	client := &http.Client{Transport: httpx.Wrap(own)}
//
// # A server that many tests share
//
// It descends from none of them. A [Token] of the test's scope, in a request
// to a handler made with [Adopt], takes the scope there.
//
// # Limits
//
// What a handler in memory or a route's own transport answers does not pass
// Base: what is wrapped there sees requests for targets only.
//
// A fake that redirects to its own absolute URL takes the client to another
// host, which package http sends no Authorization to. Let it redirect to a path.
//
// A handler in memory is behind package http's own server, so it learns that its
// client has gone only when it has read the request's body, as on a socket. TLS is
// not spoken there: the handler and the client see a TLS state that stands for it.
package httpx
