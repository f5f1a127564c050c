package httpx

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
)

// InstallHooked is [Install] for programs with code that needs the type of
// http.DefaultTransport: code that asserts http.DefaultTransport.(*http.Transport),
// or clones it, as many SDKs do. It puts an *http.Transport there, and its
// clones follow the routes of their scopes as it does. Where nothing asserts or
// clones, prefer Install, which is simpler, faster and closer to the original.
//
// What is installed is a clone of the original transport whose Proxy func looks
// up the routes. Requests that have one are sent by a proxy on loopback, inside
// this process; the others go where they were sent, as the original Proxy func
// has it. An error that Install reports before anything is sent is the same
// here: an ended scope, a malformed route, a refused request. What differs:
//
//   - HTTP/2 is off, for every request through this transport and its clones.
//     Package http keeps HTTP/2 connections by address and asks for one before
//     the Proxy func: a request could leave over a connection to the real host
//     that another had opened. A client that turns it on for its clone can
//     escape so. The proxy itself uses HTTP/2 towards the target as ever.
//   - For https the proxy answers with a certificate of an authority made in
//     this process, which the transport and its clones trust beside the
//     system's. Response.TLS shows it, certificates that a client pins do not
//     match, and the client's own is not passed on.
//   - A route's error, such as a refused connection, reaches the client as a
//     broken connection, once the client's body has ended: an error whose text
//     quotes it, which errors.Is does not see through. One in the middle of a body is io.ErrUnexpectedEOF.
//   - A handler or transport of a route sees the request as a server reads it:
//     with Accept-Encoding and User-Agent set, without the values and the
//     deadline of its context, and with hop-by-hop headers gone (RFC 9110
//     section 7.6.1). httptrace tells of connections to the proxy.
//   - Protocols that were registered with the original are not known.
//   - A request costs a second pass over loopback, and the first of each scope to
//     each host a connection more, with a TLS handshake for https.
//   - httptest.Server.Close closes the idle connections of every test again.
//
// Not reached are clones that were made before, and code that takes another
// Proxy func for its clone: under [Refuse] too, it sends to the real host. Code
// that replaces TLSClientConfig or RootCAs gets an error for https that names an
// unknown authority, and code that replaces the dialer must let it reach loopback.
//
// The program may use http.DefaultTransport before. InstallHooked may be called
// again, to no effect, and the original comes back when every uninstall has
// been called; clones then send as the original would. It panics when Install is
// in force, or something else that is no *http.Transport is in place of
// http.DefaultTransport, and when it can't listen on loopback.
func InstallHooked() (uninstall func()) {
	hooks.Lock()
	defer hooks.Unlock()
	if hooks.users == 0 {
		h := newHooked(http.DefaultTransport)
		hooks.now.Store(h)
		http.DefaultTransport = h.transport
	}
	hooks.users++
	return sync.OnceFunc(func() {
		hooks.Lock()
		defer hooks.Unlock()
		hooks.users--
		if hooks.users > 0 {
			return
		}
		h := hooks.now.Swap(nil)
		if http.DefaultTransport == http.RoundTripper(h.transport) { // else somebody has replaced it since
			http.DefaultTransport = h.original
		}
		h.close()
	})
}

// hooks is what InstallHooked has done to this process.
var hooks struct {
	sync.Mutex
	users int
	now   atomic.Pointer[hooked]
}

// unhooked returns what a hooked transport sends through once a request's route
// is known, and for any other transport that itself: one decision is enough.
func unhooked(rt http.RoundTripper) http.RoundTripper {
	if h := hooks.now.Load(); h != nil && rt == http.RoundTripper(h.transport) {
		return h.proxy.routes
	}
	return rt
}

// hooked is an *http.Transport whose Proxy func asks for the routes.
type hooked struct {
	original  *http.Transport
	transport *http.Transport // what stands in place of the original
	proxy     *proxy
	closed    atomic.Bool // clones may outlive it
}

func newHooked(original http.RoundTripper) *hooked {
	t, ok := original.(*http.Transport)
	if !ok {
		panic(fmt.Sprintf("httpx: InstallHooked: http.DefaultTransport is a %T, not an *http.Transport: "+
			"call it before anything else is put there, and not together with Install", original))
	}
	h := &hooked{original: t, transport: t.Clone(), proxy: newProxy(newInstalled(t))}
	h.transport.Proxy = h.route
	h.transport.MaxIdleConns = 0 // it would count those of every scope; each goes with its scope
	http1Only(h.transport)
	h.transport.TLSClientConfig.RootCAs = trusting(h.transport.TLSClientConfig.RootCAs, h.proxy.issuer.Root())
	return h
}

// http1Only turns HTTP/2 off, in a way that outlasts ForceAttemptHTTP2 set on a
// clone, and makes the TLS configuration non-nil.
func http1Only(t *http.Transport) {
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.ForceAttemptHTTP2 = false
	t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = new(tls.Config)
	}
	// A transport that has done HTTP/2 has left its name there: a server would
	// still choose it.
	c := t.TLSClientConfig
	c.NextProtos = slices.DeleteFunc(slices.Clone(c.NextProtos), func(p string) bool { return p == "h2" })
}

// trusting returns roots, or for nil the system's, and one more.
func trusting(roots *x509.CertPool, root *x509.Certificate) *x509.CertPool {
	if roots != nil {
		roots = roots.Clone()
	} else if system, err := x509.SystemCertPool(); err == nil {
		roots = system
	} else {
		roots = x509.NewCertPool() // no root, no trust: as without us
	}
	roots.AddCert(root)
	return roots
}

// route is the Proxy func of the transport and its clones. Package http calls it
// on the goroutine that sends, and keeps a pool of connections for each URL that
// it returns.
func (h *hooked) route(req *http.Request) (*url.URL, error) {
	if !h.closed.Load() {
		routed, err := isRouted(req)
		if err != nil {
			return nil, &requestError{req.Method, req.URL, err} // package http closes the body
		}
		if routed {
			return h.proxy.url(req), nil
		}
	}
	if h.original.Proxy == nil {
		return nil, nil
	}
	return h.original.Proxy(req)
}

// isRouted says whether a request is for the proxy, or why it can't be sent at
// all, as roundTrip does.
func isRouted(req *http.Request) (bool, error) {
	ctx := req.Context()
	r, tokens, err := decide(ctx, req)
	return r != nil || tokens && carriesToken(ctx, req), err
}

// close ends what can be: clones and their idle connections are others'.
func (h *hooked) close() {
	h.closed.Store(true)
	h.proxy.close()
	h.transport.CloseIdleConnections()
}
