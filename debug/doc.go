// Package debug shows the scopes that are alive in a process, as a page, in the
// manner of net/http/pprof.
//
//	page := debug.Handler()
//	defer page.Close()
//	mux.Handle("/debug/scope", page)
//
// # What it shows
//
// The scopes that have a name and an end, those of [scope.New] and package
// scopetest, as a tree; of each its age, what it binds, with file and line where
// they are known, and how many of its requests package httpx routed, with the
// last of them. A scope without a name, and one made before [Handler] was called,
// is not there; but if one is below it, the latter's name is.
//
// Scopes are immutable, and many are derived from one that has a name. What the
// page says that it binds is what the newest of them binds: the one that was made
// or bound to a goroutine last, of those that a context or a goroutine still has.
//
// It is HTML for people, without scripts, and JSON with ?format=json or Accept:
// application/json. ?name=checkout leaves the scopes with that in their path,
// those around them and those below; ?refresh=5 loads the page again every five
// seconds. The form of the JSON may change.
//
// # What it does not show
//
// Values of keys with [scope.Redacted]: they are ‹redacted›. A value that others
// may be changing is not looked into: there is the type of a pointer, a map, a
// slice or a struct, unless it has a String, Error or Format method and is no
// io.Writer. Requests are without user and query. Every other value is there, cut
// to a line: redact the keys of secrets.
//
// # Who may see it
//
// Clients on this machine, and browsers that were asked for localhost or a
// loopback address, so that no web page can read it by a name of its own that
// leads here. A request that a proxy has passed on is refused where the proxy says
// so in Forwarded, X-Forwarded-For, X-Real-Ip or Via. Behind a local proxy that
// adds none of these every client looks local: keep the page off its paths.
// [AllowRemote] lifts all of this; put authentication in front then.
//
// # Cost
//
// Between [Handler] and [Page.Close], each scope that is made or bound under a
// name is noted, in 0.3 µs (Go 1.26, linux/amd64), which is a multiple of what
// [scope.Set] costs without; and each routed request. What is noted is held
// weakly, and collected as without. At other times the cost is an atomic load.
//
// Importing the package has no effect: unlike net/http/pprof it registers nothing
// with http.DefaultServeMux.
package debug
