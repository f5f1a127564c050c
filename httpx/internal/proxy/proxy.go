// Package proxy is a proxy that sends each request along the route of its scope.
// Requests reach it through an *http.Transport's Proxy func: requests of clones, and
// upgrades over https.
package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/issuer"
	"github.com/scopetree/scope/internal/engine"
)

// A Proxy sends the requests of an *http.Transport along the routes of the sender's
// scope.
//
// It speaks SOCKS5 (RFC 1928), not HTTP, because package http then sends it the same
// bytes that it would send to the host, for http and https alike. The user name is
// the scheme and the scope's ticket. The password is the URL's host, which the bytes
// don't contain. Both are part of the proxy's URL, and package http keeps connections
// by that URL. Two scopes therefore never share a connection. The proxy serves only
// clients with a ticket.
type Proxy struct {
	send     http.RoundTripper
	ticketOf func(context.Context) string          // returns a scope's ticket
	scopeOf  func(string) (context.Context, error) // returns a ticket's scope
	issuer   func() *issuer.Issuer
	services *scope.Resource[*service] // one for each scope that ends
}

// New returns a proxy that sends through send. For each scope that ends, the proxy
// listens from the first call of URL until the scope ends. For other requests it
// listens until Close.
func New(send http.RoundTripper, ticketOf func(context.Context) string, scopeOf func(ticket string) (context.Context, error)) *Proxy {
	p := &Proxy{
		send: send, ticketOf: ticketOf, scopeOf: scopeOf,
		issuer: sync.OnceValue(func() *issuer.Issuer { return issuer.New("httpx.Install") }),
	}
	p.services = scope.NewResource(func() *service { return newService(p) }, (*service).end)
	return p
}

// Root returns the certificate of the authority that signs the proxy's certificates.
func (p *Proxy) Root() *x509.Certificate { return p.issuer().Root() }

// URL returns the proxy's URL for a request. Different scopes have different URLs.
func (p *Proxy) URL(req *http.Request) (*url.URL, error) {
	at, err := p.services.Get(req.Context()).address()
	if err != nil {
		return nil, err
	}
	return &url.URL{
		Scheme: "socks5",
		Host:   at,
		User:   url.UserPassword(req.URL.Scheme+" "+p.ticketOf(req.Context()), req.URL.Host),
	}, nil
}

// Close stops serving requests that are in no scope, and closes their connections. A
// scope's connections are closed when it ends. URL starts the proxy again.
func (p *Proxy) Close() { p.services.Get(scope.Detach(context.Background())).stop() }

// patience is how long a handshake may take, and how long a client may take to read
// that its request has failed.
const patience = time.Minute

// serve makes a tunnel of a connection, and lets the server answer the requests that
// come through it.
func (s *service) serve(conn net.Conn) {
	conn.SetDeadline(time.Now().Add(patience))
	t, err := s.proxy.open(conn)
	if err != nil {
		conn.Close()
		return
	}
	conn.SetDeadline(time.Time{})
	s.server.Serve(t) // returns at once; the connection is served on another goroutine
}

// open does the handshakes that come before the first request.
func (p *Proxy) open(conn net.Conn) (*tunnel, error) {
	var ctx context.Context
	user, host, err := socks(conn, func(user string) (err error) {
		_, ticket, _ := strings.Cut(user, " ")
		ctx, err = p.scopeOf(ticket)
		return err
	})
	if err != nil {
		return nil, err
	}
	scheme, _, _ := strings.Cut(user, " ")
	t := &tunnel{conn: conn, scheme: scheme, host: host}
	if scheme == "https" {
		secure := tls.Server(conn, p.tlsConfig(host))
		handshakes.Add(1)
		defer handshakes.Add(-1)
		if err := secure.Handshake(); err != nil {
			noteDistrust(ctx, host, err)
			return nil, err
		}
		t.conn = secure
	}
	t.ctx = engine.Carry(context.WithValue(context.Background(), tunnelKey{}, t), ctx)
	return t, nil
}

// handshakes is the number of TLS handshakes under way.
var handshakes atomic.Int32

// AwaitHandshakes waits until no handshake is under way, at most for the given time. A
// client that refuses the proxy's certificate knows so before the proxy does.
func AwaitHandshakes(most time.Duration) {
	over := time.After(most)
	for pause := 50 * time.Microsecond; handshakes.Load() > 0; pause *= 2 {
		select {
		case <-time.After(pause):
		case <-over:
			return
		}
	}
}

// noteDistrust notes for the test's report that a client does not trust the proxy. The
// client's own error speaks of an unknown authority, which says little.
func noteDistrust(ctx context.Context, host string, err error) {
	var alert *net.OpError
	if !engine.Asked() || !errors.As(err, &alert) || alert.Op != "remote error" {
		return
	}
	engine.Failed(ctx, engine.Failure{
		Request: engine.Request{Method: http.MethodConnect, Scheme: "https", Host: host},
		Why: fmt.Sprintf("the client refused the certificate with which httpx.Install routes https (%v); "+
			"perhaps its transport is a clone of http.DefaultTransport with a TLSClientConfig of its own; give the client httpx.Wrap(transport)", alert.Err),
	})
}

// tlsConfig returns a configuration with a certificate for any name that the client
// asks for. The certificate is made anew for each connection, so none is kept.
func (p *Proxy) tlsConfig(host string) *tls.Config {
	return &tls.Config{
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			name := hello.ServerName
			if name == "" { // the client connects to an IP address
				name = (&url.URL{Host: host}).Hostname()
			}
			return p.issuer().Certificate(p.Root().NotAfter, name)
		},
	}
}

// A tunnel is a scope's connection to the proxy that stands for a connection to a
// host. It is also a listener that accepts only this connection, because an
// http.Server takes a listener.
type tunnel struct {
	conn         net.Conn // nil once accepted
	scheme, host string
	ctx          context.Context // has the scope, and the tunnel at tunnelKey
}

type tunnelKey struct{}

func (t *tunnel) Accept() (net.Conn, error) {
	if t.conn == nil {
		return nil, net.ErrClosed
	}
	conn := t.conn
	t.conn = nil
	return conn, nil
}

// Close closes the connection if nobody has accepted it.
func (t *tunnel) Close() error {
	if t.conn != nil {
		return t.conn.Close()
	}
	return nil
}

func (t *tunnel) Addr() net.Addr { return nil }
