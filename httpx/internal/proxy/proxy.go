// Package proxy sends requests along the routes of their scopes that reach it by an
// *http.Transport's Proxy func: those of clones, and upgrades over https.
package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/issuer"
	"github.com/scopetree/scope/internal/engine"
)

// A Proxy sends what an *http.Transport has sent through it as the sender's scope
// has it.
//
// It speaks SOCKS5 (RFC 1928), not HTTP: package http then sends it the same
// bytes that it would send to the host, for http and https alike. The user name
// is the scheme and the scope's ticket, and the password is the host as it
// stands in the URL, which the bytes do not tell. All are part of the proxy's
// URL, and so of the key by which package http keeps connections: no two scopes
// share one. Nobody who has no ticket is served.
type Proxy struct {
	send     http.RoundTripper
	ticketOf func(context.Context) string          // what stands for a scope on the way
	scopeOf  func(string) (context.Context, error) // and which it stands for
	issuer   func() *issuer.Issuer
	services *scope.Resource[*service] // one for each scope with a lifetime
}

// New returns a proxy that sends through send. For each scope with a lifetime it
// listens from the first call of URL to the scope's end, and for requests without
// one to Close.
func New(send http.RoundTripper, ticketOf func(context.Context) string, scopeOf func(ticket string) (context.Context, error)) *Proxy {
	p := &Proxy{
		send: send, ticketOf: ticketOf, scopeOf: scopeOf,
		issuer: sync.OnceValue(func() *issuer.Issuer { return issuer.New("httpx.Install") }),
	}
	p.services = scope.NewResource(func() *service { return newService(p) }, (*service).end)
	return p
}

// Root returns the certificate of the authority that the proxy shows to clients.
func (p *Proxy) Root() *x509.Certificate { return p.issuer().Root() }

// URL returns the proxy's URL for a request. Those of two scopes differ.
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

// Close stops serving requests without a scope, and closes their connections.
// Those of the scopes are closed when they end. URL starts it again.
func (p *Proxy) Close() { p.services.Get(scope.Detach(context.Background())).stop() }

// patience is how long a connection may take to say what it is for, and a client
// to take in that its request has failed.
const patience = time.Minute

// serve makes a tunnel of a connection, and has a server answer what comes
// through it.
func (s *service) serve(conn net.Conn) {
	conn.SetDeadline(time.Now().Add(patience))
	t, err := s.proxy.open(conn)
	if err != nil {
		conn.Close()
		return
	}
	conn.SetDeadline(time.Time{})
	s.server.Serve(t) // what it serves outlasts the call
}

// open does what comes before the first request.
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
		if err := secure.Handshake(); err != nil {
			return nil, err
		}
		t.conn = secure
	}
	t.ctx = engine.Carry(context.WithValue(context.Background(), tunnelKey{}, t), ctx)
	return t, nil
}

// tlsConfig has a certificate for whatever name the client asks for. It is made
// for each connection, so that nothing has to be kept.
func (p *Proxy) tlsConfig(host string) *tls.Config {
	return &tls.Config{
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			name := hello.ServerName
			if name == "" { // for an address
				name = (&url.URL{Host: host}).Hostname()
			}
			return p.issuer().Certificate(p.Root().NotAfter, name)
		},
	}
}

// A tunnel is a connection that stands for one to a host, of a scope. It is a
// listener too, which accepts that one connection: what a server serves is a
// listener.
type tunnel struct {
	conn         net.Conn // nil once accepted
	scheme, host string
	ctx          context.Context // with the scope, and tunnelKey
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
