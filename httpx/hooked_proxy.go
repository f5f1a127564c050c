package httpx

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/httpx/internal/issuer"
	"github.com/scopetree/scope/internal/inside"
)

// A proxy sends what an *http.Transport has sent through it along the routes of
// the sender's scope.
//
// It speaks SOCKS5 (RFC 1928), not HTTP: package http then sends it the same
// bytes that it would send to the host, for http and https alike. The user name
// is the scheme and the scope's ticket, and the password is the host as it
// stands in the URL, which the bytes do not tell. All are part of the proxy's
// URL, and so of the key by which package http keeps connections: no two scopes
// share one. Nobody who has no ticket is served.
type proxy struct {
	listener net.Listener
	issuer   *issuer.Issuer
	routes   *installed                // what sends
	servers  *scope.Resource[*service] // one for each scope with a lifetime
}

// newProxy starts a proxy on loopback.
func newProxy(routes *installed) *proxy {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		var err6 error
		if l, err6 = net.Listen("tcp", "[::1]:0"); err6 != nil {
			panic(fmt.Sprintf("httpx: InstallHooked: can't listen on loopback: %v", errors.Join(err, err6)))
		}
	}
	p := &proxy{listener: l, issuer: issuer.New("httpx.InstallHooked"), routes: routes}
	p.servers = scope.NewResource(p.newService, (*service).end)
	// Not in the scope of whoever installs it, should there be one.
	scope.Go(scope.Detach(context.Background()), func(context.Context) { p.accept() })
	return p
}

// url returns the proxy's URL for a request.
func (p *proxy) url(req *http.Request) *url.URL {
	return &url.URL{
		Scheme: "socks5",
		Host:   p.listener.Addr().String(),
		User:   url.UserPassword(req.URL.Scheme+" "+ticketOf(req.Context()), req.URL.Host),
	}
}

func (p *proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		switch {
		case err == nil:
			go p.serve(conn)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			time.Sleep(5 * time.Millisecond) // such as too many open files
		}
	}
}

// close stops the proxy, and closes the connections of requests without a
// scope. Those of the scopes are closed when they end.
func (p *proxy) close() {
	p.listener.Close()
	p.servers.Get(scope.Detach(context.Background())).server.Close()
	p.routes.closeIdle()
}

// patience is how long a connection may take to say what it is for, and a client
// to take in that its request has failed.
const patience = time.Minute

// serve makes a tunnel of a connection, and has a server answer what comes
// through it.
func (p *proxy) serve(conn net.Conn) {
	conn.SetDeadline(time.Now().Add(patience))
	t, err := p.open(conn)
	if err != nil {
		conn.Close()
		return
	}
	conn.SetDeadline(time.Time{})
	p.servers.Get(t.ctx).server.Serve(t) // what it serves outlasts the call
}

// open does what comes before the first request.
func (p *proxy) open(conn net.Conn) (*tunnel, error) {
	var ctx context.Context
	user, host, err := socks(conn, func(user string) (err error) {
		_, ticket, _ := strings.Cut(user, " ")
		ctx, err = scopeOf(ticket)
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
	t.ctx = inside.Carry(context.WithValue(context.Background(), tunnelKey{}, t), ctx)
	return t, nil
}

// tlsConfig has a certificate for whatever name the client asks for. It is made
// for each connection, so that nothing has to be kept.
func (p *proxy) tlsConfig(host string) *tls.Config {
	return &tls.Config{
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			name := hello.ServerName
			if name == "" { // for an address
				name = (&url.URL{Host: host}).Hostname()
			}
			return p.issuer.Certificate(name, p.issuer.Root().NotAfter)
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
