package httpx

import (
	"context"
	"net/http"
	"sync"

	"github.com/scopetree/scope"
)

// Install puts a [Transport] in place of http.DefaultTransport, so that
// http.Get, http.DefaultClient and every client without a transport of its own
// follow the routes of their scopes. Call it once, from TestMain or main,
// before other goroutines use http.DefaultTransport, which no lock guards.
//
// Requests are sent through clones of the original transport: each scope with
// a lifetime has its own, whose idle connections are closed when it ends. So
// nothing that a test does to its server or its connections reaches another.
// For the same reason what is installed has no CloseIdleConnections:
// httptest.Server.Close would call it in every test.
//
// So a program that installs it for production, and makes a scope with a
// lifetime for each request, has no keep-alive between requests: derive such
// scopes with scope.With, or give the client a transport that [Wrap] made.
//
// It panics while [InstallHooked] is in force.
//
// uninstall brings the original back. Install may be called again before that,
// to no effect; the original comes back when every uninstall has been called.
func Install() (uninstall func()) {
	installation.Lock()
	defer installation.Unlock()
	if hooks.now.Load() != nil {
		panic("httpx: Install: InstallHooked is in force, and does the same: call one of them")
	}
	if installation.users == 0 {
		installation.now = newInstalled(http.DefaultTransport)
		http.DefaultTransport = installation.now
	}
	installation.users++
	return sync.OnceFunc(func() {
		installation.Lock()
		defer installation.Unlock()
		installation.users--
		if installation.users > 0 {
			return
		}
		i := installation.now
		installation.now = nil
		if http.DefaultTransport == i { // else somebody has replaced it since
			http.DefaultTransport = i.original
		}
		i.closeIdle()
	})
}

// installation is what Install has done to this process.
var installation struct {
	sync.Mutex
	users int
	now   *installed
}

// installed is what Install puts into http.DefaultTransport.
type installed struct {
	original http.RoundTripper                // what it took the place of
	through  http.RoundTripper                // what sends, where that can't be cloned
	clones   *scope.Resource[*http.Transport] // nil there
}

// packageHTTPs is the transport that package http starts with.
var packageHTTPs = http.DefaultTransport

func newInstalled(original http.RoundTripper) *installed {
	i := &installed{original: original, through: original}
	if t, ok := original.(*Transport); ok {
		i.through = t.through() // one decision for each request is enough
	}
	if t, ok := i.through.(*http.Transport); ok {
		i.clones = scope.NewResource(t.Clone, (*http.Transport).CloseIdleConnections)
	}
	return i
}

// RoundTrip is [Transport.RoundTrip].
func (i *installed) RoundTrip(req *http.Request) (*http.Response, error) {
	if u := req.URL; u != nil && u.Scheme != "http" && u.Scheme != "https" {
		// Only the original has what RegisterProtocol gave it.
		return roundTrip(req, func(context.Context) http.RoundTripper { return i.through })
	}
	return roundTrip(req, i.base)
}

// base returns the clone that belongs to ctx's scope.
func (i *installed) base(ctx context.Context) http.RoundTripper {
	if i.clones == nil {
		return i.through
	}
	return i.clones.Get(ctx)
}

// closeIdle closes the connections of requests without a scope. Those of the
// scopes are closed when they end.
func (i *installed) closeIdle() {
	if i.clones != nil {
		i.clones.Get(scope.Detach(context.Background())).CloseIdleConnections()
	}
}
