package httpxtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/scopetree/scope/httpx/internal/issuer"
)

// authority makes the certificates of this process's servers. Nothing trusts it
// but their transports, by trusted.
var (
	authority = sync.OnceValue(func() *issuer.Issuer { return issuer.New("httpxtest") })
	trusted   = sync.OnceValue(func() *x509.CertPool {
		pool := x509.NewCertPool()
		pool.AddCert(authority().Root())
		return pool
	})
)

// certificate returns one that the process has for a host, or makes it.
func certificate(host string, until time.Time) (*tls.Certificate, error) {
	type of struct {
		host  string
		until time.Time
	}
	if known, ok := certificates.Load(of{host, until}); ok {
		return known.(*tls.Certificate), nil
	}
	made, err := authority().Certificate(host, until)
	if err == nil {
		certificates.Store(of{host, until}, made)
	}
	return made, err
}

var certificates sync.Map

// tlsConfig returns a server's configuration: its certificates are for
// whatever name the client asks for, or as the fault says.
func (c *config) tlsConfig(protocols *http.Protocols) *tls.Config {
	conf := &tls.Config{
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			host := hello.ServerName // none for an address
			if host == "" {
				host, _, _ = net.SplitHostPort(hello.Conn.LocalAddr().String())
			}
			until := issuer.NoEnd
			switch c.tlsFault {
			case handshake:
				return nil, errors.New("httpxtest: the handshake fails, as the test wants")
			case expired:
				until = issuer.LongAgo
			case wrongHost:
				host = "wrong.host.invalid"
			}
			return certificate(host, until)
		},
	}
	if protocols.HTTP2() {
		conf.NextProtos = append(conf.NextProtos, "h2")
	}
	if protocols.HTTP1() {
		conf.NextProtos = append(conf.NextProtos, "http/1.1")
	}
	return conf
}
