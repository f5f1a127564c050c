package httpx

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/scopetree/scope"
)

// Install makes http.DefaultTransport follow the routes of scopes. It changes that
// *http.Transport in place, so the variable keeps its value and its type. Install
// therefore reaches everything that sends through http.DefaultTransport: http.Get,
// http.DefaultClient, every client whose Transport is nil, and code that took the
// pointer earlier, such as a client in a package variable whose transport wraps it.
// It reaches most clones too, if they are made after Install. Importing package httpxtest
// calls Install, so a test need not.
//
// # What sends
//
// Requests go through clones of the transport that Install makes. Every scope that
// ends has its own clone. Its connections are closed when the scope ends, or after
// the request that is under way on them. Code in no such scope shares one clone. Nothing
// that a test does to its server or its connections therefore reaches another test. In
// particular, httptest.Server.Close closes idle connections of http.DefaultTransport,
// which has none now. The clones follow the current settings of http.DefaultTransport at
// each request: its TLSClientConfig, a dialer, a timeout, its Proxy.
//
// Making a scope that ends for each request therefore means no keep-alive between
// requests. Derive request scopes with scope.With, or give the client a transport
// that [Wrap] made.
//
// # Clones and upgrades
//
// Two kinds of request go through a proxy on loopback, inside this process:
// requests of clones that other code makes of http.DefaultTransport later, and https
// requests that upgrade their connection, such as a WebSocket's. For these, package
// http consults only the Proxy func. The proxy listens from a scope's first such
// request that has a route until the scope ends. For these requests:
//
//   - HTTP/2 is off on the way to the proxy, and also if the request has no route. A
//     clone whose owner turns HTTP/2 on again escapes the routes, because package
//     http keeps HTTP/2 connections by address.
//   - For https the proxy has a certificate from an authority made in this process,
//     which issues nothing else. http.DefaultTransport and its clones trust that
//     authority beside the system's.
//     Response.TLS shows the certificate. A clone with a TLSClientConfig of its own,
//     which lacks the authority, refuses it as of an unknown authority: wrap it.
//   - If the route fails, such as with a refused connection, the client's error
//     quotes the text of the route's error. errors.Is doesn't find the route's error.
//   - A route's handler or transport sees the request as a server reads it.
//   - A clone with another Proxy func, or one made before Install, is not reached. In a
//     test, a package variable may hold such a clone: if its package does not import
//     package httpxtest, Go may initialize it before.
//
// # Limits
//
// golang.org/x/net/http2.ConfigureTransport(http.DefaultTransport) fails after
// Install: "protocol https already registered". If it was called before Install, or
// the transport was used or cloned before Install, https goes through the proxy. A
// request under way over HTTP/2 at that moment keeps its connection in the pool.
//
// For a request with a body, Response.Request is a copy that package http made on
// the way. It has the caller's URL, header and context, but is not the same pointer.
//
// If http.DefaultTransport is not an *http.Transport, Install replaces it.
//
// Call Install before other goroutines use http.DefaultTransport, because no lock
// guards it. After uninstall, http.DefaultTransport sends as it did before. Further
// calls of Install have an effect only if http.DefaultTransport has another value by
// then. The installation ends when every uninstall has been called.
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

// inForce returns the installations in force. There are several if the program has
// assigned http.DefaultTransport and called Install again.
func inForce() []*installed {
	if now := installation.now.Load(); now != nil {
		return *now
	}
	return nil
}

// packageHTTPs is the initial value of http.DefaultTransport.
var packageHTTPs = http.DefaultTransport

// An installed is one installation. Its RoundTrip follows the routes.
type installed struct {
	at   http.RoundTripper // the transport that was changed in place or replaced
	base func(ctx context.Context) http.RoundTripper
	undo func()
}

// install returns a new installation, or nil if http.DefaultTransport follows the
// routes already.
func install() *installed {
	rt := http.DefaultTransport
	if t, ok := rt.(*Transport); ok {
		rt = t.through() // the program assigned it; other code may hold the transport below
	}
	if slices.ContainsFunc(inForce(), func(i *installed) bool { return i.is(rt) }) {
		return nil
	}
	if t, ok := rt.(*http.Transport); ok {
		if isRoute(t.Proxy) {
			return nil // a clone of an installed transport
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

// direct returns the transport that sends a request after its route is decided. For
// an installed transport this is the one below it, so that no route is looked up
// twice.
func direct(ctx context.Context, rt http.RoundTripper) http.RoundTripper {
	for _, i := range inForce() {
		if i.is(rt) {
			return i.base(ctx)
		}
	}
	return rt
}

// is says whether rt is the installation or its original transport.
func (i *installed) is(rt http.RoundTripper) bool { return rt == i.at || rt == http.RoundTripper(i) }

// clones are the transports that send in place of an original: one for each scope
// that ends, and one for the rest of the process.
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

// close closes the connections of requests without a scope. A scope's connections
// are closed when it ends.
func (c *clones) close() { c.own.Get(scope.Detach(context.Background())).close() }

// A follower is a clone that is made anew when the settings of the original have
// changed. Requests may still be under way through earlier clones, so close closes
// the idle connections of all of them.
type follower struct {
	of   *original
	made atomic.Pointer[madeClone]
	mu   sync.Mutex // guards changes of made, and all
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
