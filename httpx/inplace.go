package httpx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"github.com/scopetree/scope/httpx/internal/guard"
	"github.com/scopetree/scope/httpx/internal/proxy"
	"github.com/scopetree/scope/httpx/internal/routing"
)

// inPlace changes a transport so that it follows the routes.
func inPlace(t *http.Transport) *installed {
	o := changedBefore(t)
	if o == nil {
		o = &original{transport: t}
		o.clones = newClones(o)
		o.proxy = proxy.New(&sender{o.clones.get}, ticketOf, scopeOf)
		o.register()
		changed.list = append(changed.list, o)
	}
	o.change()
	o.active.Store(true)
	return &installed{at: t, base: o.clones.get, undo: o.undo}
}

// changed holds every transport that was ever changed in place, because a protocol
// registered with a transport can't be removed. installation guards it.
var changed struct{ list []*original }

func changedBefore(t *http.Transport) *original {
	for _, o := range changed.list {
		if o.transport == t {
			return o
		}
	}
	return nil
}

// An original is a transport that is changed in place. Clones send in its place, so
// it has no connections except those from before the change.
type original struct {
	transport *http.Transport
	clones    *clones
	proxy     *proxy.Proxy
	active    atomic.Bool // Install is in force
	https     bool        // original is registered for https

	was  own       // the transport's own settings, from before
	have own       // the settings that change gave it
	next nextProto // the TLSNextProto of clones
}

// A nextProto is a transport's TLSNextProto.
type nextProto = map[string]func(string, *tls.Conn) http.RoundTripper

// own are the settings that change replaces.
type own struct {
	proxy  func(*http.Request) (*url.URL, error)
	tls    *tls.Config
	roots  *x509.CertPool
	next   nextProto
	force  bool // ForceAttemptHTTP2
	protos *http.Protocols
}

// register makes package http hand the transport's requests to o. The scheme "" is
// there only for a better error about a URL that has no host.
func (o *original) register() {
	try := func(scheme string) (ok bool) {
		defer func() { ok = recover() == nil }() // panics if scheme is registered already
		o.transport.RegisterProtocol(scheme, o)
		return
	}
	try("")
	try("http")
	o.https = try("https") // package http has not registered itself, since the transport is new
}

// change makes the transport's Proxy func follow the routes. It turns HTTP/2 off,
// because package http would not call the Proxy func for it.
func (o *original) change() {
	t := o.transport
	o.was = own{t.Proxy, t.TLSClientConfig, nil, t.TLSNextProto, t.ForceAttemptHTTP2, t.Protocols}
	o.next = t.TLSNextProto
	if !o.https {
		// Package http has put its HTTP/2 there. It looks in that HTTP/2's pool of
		// connections before it calls the Proxy func, so no clone may share the pool.
		// Clone leaves it out.
		o.next = t.Clone().TLSNextProto
	}
	config := new(tls.Config)
	if t.TLSClientConfig != nil {
		o.was.roots = t.TLSClientConfig.RootCAs
		config = t.TLSClientConfig.Clone()
	}
	// A transport that has used HTTP/2 has added "h2" here. A server would still
	// choose it.
	config.NextProtos = slices.DeleteFunc(slices.Clone(config.NextProtos), func(p string) bool { return p == "h2" })
	config.RootCAs = trusting(config.RootCAs, o.proxy.Root())
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	o.have = own{o.route, config, config.RootCAs, nextProto{}, false, protocols}
	o.put(o.have)
	// No request may use an earlier connection, above all one of HTTP/2, for which no
	// route would be looked up. The call also makes package http see that HTTP/2 is off.
	t.CloseIdleConnections()
}

func (o *original) put(s own) {
	t := o.transport
	t.Proxy, t.TLSClientConfig, t.TLSNextProto, t.ForceAttemptHTTP2, t.Protocols = s.proxy, s.tls, s.next, s.force, s.protos
}

// undo gives the transport its own settings back, except for those that the program
// has changed since. The registered protocols stay, and send through a clone.
func (o *original) undo() {
	o.active.Store(false)
	o.proxy.Close()
	t, back := o.transport, o.was
	if !sameFunc(t.Proxy, o.route) {
		back.proxy = t.Proxy
	}
	if t.TLSClientConfig != o.have.tls {
		back.tls = t.TLSClientConfig
	}
	o.put(back)
	o.clones.close()
}

// clone returns a transport that sends as the original would with its current
// settings.
func (o *original) clone() *http.Transport {
	t := o.transport
	c := t.Clone()
	// Functions can't be compared reliably. So the clone calls the original's current
	// function each time.
	c.Proxy = pastGuard(func(req *http.Request) (*url.URL, error) {
		switch f := t.Proxy; {
		case f == nil:
			return nil, nil
		case !sameFunc(f, o.route):
			return f(req)
		case o.was.proxy != nil:
			return o.was.proxy(req)
		}
		return nil, nil
	})
	followDialers(c, t)
	if t.TLSClientConfig == o.have.tls {
		if c.TLSClientConfig.RootCAs == o.have.roots {
			c.TLSClientConfig.RootCAs = o.was.roots // clones don't go through the proxy
		}
		if o.was.tls != nil {
			c.TLSClientConfig.NextProtos = slices.Clone(o.was.tls.NextProtos)
		}
	}
	if t.Protocols == o.have.protos {
		c.Protocols = o.was.protos
	}
	if pointer(t.TLSNextProto) == pointer(o.have.next) {
		c.TLSNextProto = maps.Clone(o.next) // package http may add to it
	}
	// Package http does HTTP/2 by itself only where TLSClientConfig is nil.
	plain := o.was.tls == nil && dialers(t) == [4]uintptr{}
	c.ForceAttemptHTTP2 = o.was.force || t.ForceAttemptHTTP2 || plain
	return c
}

// followDialers makes a clone call the original's current dial functions.
func followDialers(c, t *http.Transport) {
	if first := t.DialContext; first != nil {
		c.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			return latest(t.DialContext, first)(ctx, network, address)
		}
	}
	if first := t.DialTLSContext; first != nil {
		c.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			return latest(t.DialTLSContext, first)(ctx, network, address)
		}
	}
	//lint:ignore SA1019 old programs may set it
	if first := t.Dial; first != nil {
		//lint:ignore SA1019 as above
		c.Dial = func(network, address string) (net.Conn, error) { return latest(t.Dial, first)(network, address) }
	}
	//lint:ignore SA1019 old programs may set it
	if first := t.DialTLS; first != nil {
		//lint:ignore SA1019 as above
		c.DialTLS = func(network, address string) (net.Conn, error) { return latest(t.DialTLS, first)(network, address) }
	}
}

// latest returns a function's current value, or the first one if it is nil by now. Then
// the next request has a new clone.
func latest[F any](now, first F) F {
	if reflect.ValueOf(now).IsNil() {
		return first
	}
	return now
}

// pastGuard returns a Proxy func that does not lead to the guard of httpxtest.Main.
// By then, the request's routes and policy have allowed the request.
func pastGuard(f func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if f == nil {
		return nil
	}
	return func(req *http.Request) (*url.URL, error) {
		u, err := f(req)
		if guard.Is(u) {
			u = nil
		}
		return u, err
	}
}

// settings are the settings whose change calls for a new clone.
type settings struct {
	tls                                *tls.Config
	roots                              *x509.CertPool
	insecure                           bool
	serverName                         string
	certificates                       int
	proxy                              uintptr
	dialers                            [4]uintptr
	handshake, idle, header, expect    time.Duration
	noKeepAlives, noCompression, force bool
	maxIdle, maxIdlePerHost, maxConns  int
	maxHeader                          int64
	protocols                          *http.Protocols
	next                               uintptr
}

func (o *original) settings() settings {
	t := o.transport
	s := settings{
		tls:   t.TLSClientConfig,
		proxy: pointer(t.Proxy), dialers: dialers(t),
		handshake: t.TLSHandshakeTimeout, idle: t.IdleConnTimeout, header: t.ResponseHeaderTimeout, expect: t.ExpectContinueTimeout,
		noKeepAlives: t.DisableKeepAlives, noCompression: t.DisableCompression, force: t.ForceAttemptHTTP2,
		maxIdle: t.MaxIdleConns, maxIdlePerHost: t.MaxIdleConnsPerHost, maxConns: t.MaxConnsPerHost,
		maxHeader: t.MaxResponseHeaderBytes,
		protocols: t.Protocols, next: pointer(t.TLSNextProto),
	}
	if c := t.TLSClientConfig; c != nil {
		s.roots, s.insecure, s.serverName, s.certificates = c.RootCAs, c.InsecureSkipVerify, c.ServerName, len(c.Certificates)
	}
	return s
}

// dialers returns a transport's own dial functions, the deprecated ones too.
func dialers(t *http.Transport) [4]uintptr {
	//lint:ignore SA1019 old programs may set them
	return [4]uintptr{pointer(t.DialContext), pointer(t.DialTLSContext), pointer(t.Dial), pointer(t.DialTLS)}
}

// pointer returns a map's address, or the address of a function's code, which tells
// most functions apart.
func pointer(f any) uintptr { return reflect.ValueOf(f).Pointer() }

// isRoute says whether Install has set this Proxy func.
func isRoute(f func(*http.Request) (*url.URL, error)) bool {
	return sameFunc(f, (*original)(nil).route)
}

func sameFunc(f, g func(*http.Request) (*url.URL, error)) bool { return pointer(f) == pointer(g) }

// RoundTrip sends the transport's requests. Package http calls it.
func (o *original) RoundTrip(req *http.Request) (*http.Response, error) {
	if !o.active.Load() {
		return o.clones.get(req.Context()).RoundTrip(req)
	}
	return roundTrip(req, o.clones.get)
}

// A sender sends the proxy's requests.
type sender struct {
	base func(context.Context) http.RoundTripper
}

func (s *sender) RoundTrip(req *http.Request) (*http.Response, error) { return roundTrip(req, s.base) }

// trusting returns a copy of roots with root added. Nil roots are the system's.
func trusting(roots *x509.CertPool, root *x509.Certificate) *x509.CertPool {
	if roots != nil {
		roots = roots.Clone()
	} else if system, err := x509.SystemCertPool(); err == nil {
		roots = system
	} else {
		roots = x509.NewCertPool() // without system roots nothing was trusted before, either
	}
	roots.AddCert(root)
	return roots
}

// route is the Proxy func of the transport and its clones. Package http calls it
// on the goroutine that sends, and keeps a pool of connections for each URL that
// it returns.
func (o *original) route(req *http.Request) (*url.URL, error) {
	if o.active.Load() {
		routed, err := isRouted(req)
		if err != nil {
			return nil, routing.Error(req, err) // package http closes the body
		}
		if routed {
			u, err := o.proxy.URL(req)
			if err != nil {
				return nil, routing.Error(req, err)
			}
			return u, nil
		}
	}
	if o.was.proxy == nil {
		return nil, nil
	}
	return pastGuard(o.was.proxy)(req)
}

// isRouted says whether a request goes to the proxy. The error says why it can't be
// sent at all, as in roundTrip.
func isRouted(req *http.Request) (bool, error) {
	ctx := req.Context()
	r, tokens, err := decide(ctx, req)
	if err != nil {
		noteFailure(ctx, req, err)
	}
	return r != nil || tokens && carriesToken(ctx, req), err
}
