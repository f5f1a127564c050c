package httpxtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
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

// certificate returns one that the process has for hosts, or makes it.
func certificate(until time.Time, hosts ...string) (*tls.Certificate, error) {
	type of struct {
		hosts string
		until time.Time
	}
	id := of{strings.Join(hosts, " "), until}
	if known, ok := certificates.Load(id); ok {
		return known.(*tls.Certificate), nil
	}
	made, err := authority().Certificate(until, hosts...)
	if err == nil {
		certificates.Store(id, made)
	}
	return made, err
}

var certificates sync.Map

// tlsConfig returns a server's configuration: its certificates are for whatever name
// the client asks for, or as the fault says. A client asks for no name that is an
// address (RFC 6066 section 3): then they are for the server's own, and for that of
// the host that it stands for.
func (c *config) tlsConfig(protocols *http.Protocols, name string) *tls.Config {
	conf := &tls.Config{
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			hosts := []string{hello.ServerName}
			if hello.ServerName == "" {
				own, _, _ := net.SplitHostPort(hello.Conn.LocalAddr().String())
				hosts = []string{own}
				if address := (&url.URL{Host: name}).Hostname(); net.ParseIP(address) != nil && address != own {
					hosts = append(hosts, address)
				}
			}
			until := issuer.NoEnd
			switch c.tlsFault {
			case handshake:
				return nil, errors.New("httpxtest: the handshake fails, as the test wants")
			case expired:
				until = issuer.LongAgo
			case wrongHost:
				hosts = []string{"wrong.host.invalid"}
			}
			return certificate(until, hosts...)
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
