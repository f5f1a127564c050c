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

// authority makes the certificates of this process's servers. Only their transports trust
// it.
var (
	authority = sync.OnceValue(func() *issuer.Issuer { return issuer.New("httpxtest") })
	trusted   = sync.OnceValue(func() *x509.CertPool {
		pool := x509.NewCertPool()
		pool.AddCert(authority().Root())
		return pool
	})
)

// certificate returns a certificate for hosts. It makes each only once.
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

// tlsConfig returns a server's configuration. The server shows a certificate for the name
// that the client asks for, unless it has a fault. A client does not ask for a name that
// is an address (RFC 6066 section 3). Then the certificate is for the server's address
// and for the host that it stands for.
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
