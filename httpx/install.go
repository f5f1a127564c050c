package httpx

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/scopetree/scope"
)

// Install makes http.DefaultTransport follow the routes of scopes. It changes the
// *http.Transport that http.DefaultTransport is, in place: the variable keeps its
// value and its type. So everything that sends through it is reached: http.Get,
// http.DefaultClient, every client whose Transport is nil, and whatever took the
// pointer before, such as a client in a package variable whose transport wraps it.
// Clones of it are reached too, if they were made after Install. Importing package
// httpxtest calls Install, so a test need not.
//
// # What sends
//
// Requests are sent through clones of the transport that Install makes: each scope
// with a lifetime has its own, whose connections are closed when the scope ends, and
// code in no such scope shares one. So nothing that a test does to its server or its
// connections reaches another test. In particular, httptest.Server.Close closes idle
// connections of http.DefaultTransport, which has none now. The clones follow the
// settings of http.DefaultTransport as they are when a request is sent: its
// TLSClientConfig, a dialer, a timeout, its Proxy.
//
// A program that makes a scope with a lifetime for each request has no keep-alive
// between requests: derive such scopes with scope.With, or give the client a
// transport that [Wrap] made.
//
// # Clones and upgrades
//
// Two kinds of request go by a proxy on loopback, inside this process, because
// package http asks nothing but the Proxy func there: those of clones that others
// make of http.DefaultTransport later, and those over https that upgrade their
// connection, such as a WebSocket's. The proxy listens from a scope's first such request that
// has a route until the scope ends. For them,
//
//   - HTTP/2 is off towards the proxy, and for what has no route. A clone whose
//     owner turns it on again escapes the routes, because package http keeps HTTP/2
//     connections by address.
//   - For https the proxy answers with a certificate of an authority made in this
//     process, which http.DefaultTransport and its clones trust beside the system's.
//     Response.TLS shows it. A clone that has roots of its own refuses it.
//   - An error of the route, such as a refused connection, is one whose text quotes
//     it, and which errors.Is does not see through.
//   - A handler or transport of a route sees the request as a server reads it.
//   - A clone with another Proxy func, or one that was made before, is not reached.
//
// # Limits
//
// golang.org/x/net/http2.ConfigureTransport(http.DefaultTransport) fails after
// Install: "protocol https already registered". Where it came before, or where the
// transport was used or cloned before, https goes by the proxy; a request that is
// under way over HTTP/2 at that moment keeps its connection in the pool.
//
// For a request with a body, Response.Request is a copy that package http made on
// the way: it has the caller's URL, header and context, and is not the same pointer.
//
// Where http.DefaultTransport is no *http.Transport, it is replaced.
//
// Call Install before other goroutines use http.DefaultTransport, which no lock
// guards. uninstall ends it: http.DefaultTransport then sends as it did. Install may
// be called again before, which only has an effect if http.DefaultTransport has another
// value since; it ends when every uninstall has been called.
func Install() (uninstall func()) {
	installation.Lock()
	defer installation.Unlock()
	if i := install(); i != nil {
		now := append(slices.Clone(inForce()), i)
		installation.now.Store(&now)
	}
	installation.users++
	return sync.OnceFunc(func() {
		installation.Lock()
		defer installation.Unlock()
		installation.users--
		if installation.users > 0 {
			return
		}
		for _, i := range slices.Backward(inForce()) {
			i.undo()
		}
		installation.now.Store(nil)
	})
}

// installation is what Install has done to this process.
var installation struct {
	sync.Mutex
	users int
	now   atomic.Pointer[[]*installed]
}

// inForce returns the installations in force: one, or more where the program has put
// something else into http.DefaultTransport and called Install again.
func inForce() []*installed {
	if now := installation.now.Load(); now != nil {
		return *now
	}
	return nil
}

// packageHTTPs is the transport that package http starts with.
var packageHTTPs = http.DefaultTransport

// installed is an installation. Its RoundTrip follows the routes.
type installed struct {
	at   http.RoundTripper // what it stands for: a transport changed in place, or one replaced
	base func(ctx context.Context) http.RoundTripper
	undo func()
}

// install returns a new installation, nil where http.DefaultTransport follows the
// routes already.
func install() *installed {
	rt := http.DefaultTransport
	if t, ok := rt.(*Transport); ok {
		rt = t.through() // the user has put it there: what is below it may be held by others
	}
	if slices.ContainsFunc(inForce(), func(i *installed) bool { return i.is(rt) }) {
		return nil
	}
	if t, ok := rt.(*http.Transport); ok {
		if isRoute(t.Proxy) {
			return nil // a clone of one that is installed
		}
		return inPlace(t)
	}
	return replace(rt)
}

// replace puts an installation into http.DefaultTransport.
func replace(original http.RoundTripper) *installed {
	i := &installed{at: original, base: func(context.Context) http.RoundTripper { return original }}
	replaced := http.DefaultTransport
	http.DefaultTransport = i
	i.undo = func() {
		if http.DefaultTransport == i { // else somebody has replaced it since
			http.DefaultTransport = replaced
		}
	}
	return i
}

// RoundTrip is [Transport.RoundTrip].
func (i *installed) RoundTrip(req *http.Request) (*http.Response, error) {
	return roundTrip(req, i.base)
}

// direct returns what sends when the routes have been asked already: for what is
// installed, what that sends through.
func direct(ctx context.Context, rt http.RoundTripper) http.RoundTripper {
	for _, i := range inForce() {
		if i.is(rt) {
			return i.base(ctx)
		}
	}
	return rt
}

// is says whether rt is what is installed.
func (i *installed) is(rt http.RoundTripper) bool { return rt == i.at || rt == http.RoundTripper(i) }

// clones are the transports that send for one that is changed in place: one for
// each scope with a lifetime, and one for the process.
type clones struct {
	of  *original
	own *scope.Resource[*follower]
}

func newClones(of *original) *clones {
	return &clones{of, scope.NewResource(
		func() *follower { return &follower{of: of} },
		(*follower).close)}
}

func (c *clones) get(ctx context.Context) http.RoundTripper { return c.own.Get(ctx).transport() }

// close closes the connections of requests without a scope. Those of the scopes
// are closed when they end.
func (c *clones) close() { c.own.Get(scope.Detach(context.Background())).close() }

// A follower is a clone that is made anew when the settings of the original have
// changed. Requests may be under way through the earlier ones, so that their
// connections are closed with it.
type follower struct {
	of   *original
	made atomic.Pointer[madeClone]
	mu   sync.Mutex // guards changes of made, and what follows
	all  []*http.Transport
}

type madeClone struct {
	settings settings
	clone    *http.Transport
}

func (f *follower) transport() *http.Transport {
	now := f.of.settings()
	if m := f.made.Load(); m != nil && m.settings == now {
		return m.clone
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.made.Load()
	if m != nil && m.settings == now {
		return m.clone
	}
	made := &madeClone{now, f.of.clone()}
	f.made.Store(made)
	f.all = append(f.all, made.clone)
	return made.clone
}

func (f *follower) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.all {
		c.CloseIdleConnections()
	}
}
