// Package debug has a page that shows the live scopes of a process, in the manner of
// net/http/pprof.
//
//	page := debug.Handler()
//	defer page.Close()
//	mux.Handle("/debug/scope", page)
//
// # What it shows
//
// The page shows, as a tree, the scopes that have a name and an end: those of
// [scope.New] and of package scopetest. For each scope it shows the age, the
// bindings, with file and line if they are known, and the number of requests that
// package httpx routed, with the last of them. It leaves out scopes without a name.
// It also leaves out scopes from before the call of [Handler], unless a later scope
// is below them.
//
// Many scopes may be derived from one that has a name. The page shows the bindings of
// the newest one: the one that was last made or bound to a goroutine, among those that
// a context or a goroutine still has.
//
// The page is HTML without scripts, or JSON with ?format=json or Accept:
// application/json. The form of the JSON may change. With ?name=checkout it shows
// only scopes that have the word in their path, and the scopes around and below them.
// With ?refresh=5 it reloads every five seconds.
//
// # What it does not show
//
// Values of keys with [scope.Redacted] are shown as ‹redacted›. Other goroutines may be
// changing a pointer, a map, a slice or a struct. So the page shows its type, unless it
// has a String, Error or Format method and is no io.Writer. Requests are shown without
// user and query. Every other value is shown, cut to a line. So use [scope.Redacted]
// for the keys of secrets.
//
// # Who may see it
//
// Only clients on this machine may see the page. The request's Host must be localhost or
// a loopback address, so that no web page can read it through a host name that leads
// here. A request that came through a proxy is refused if the proxy says so in Forwarded,
// X-Forwarded-For, X-Real-Ip or Via. Behind a local proxy that adds none of these, every
// client looks local, so don't let such a proxy serve the page. [AllowRemote] lifts all of
// this. Put authentication in front then.
//
// # Cost
//
// Between [Handler] and [Page.Close], the package notes each scope that is made or bound
// under a name, and each routed request. A note takes 0.3 µs (Go 1.26, linux/amd64),
// several times as long as [scope.Set] alone. Notes keep no scope alive. At other times
// the cost is an atomic load.
//
// Importing the package has no effect: unlike net/http/pprof it registers nothing
// with http.DefaultServeMux.
package debug
