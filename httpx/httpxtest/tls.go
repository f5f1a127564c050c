package httpxtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// An issuer makes certificates. There is one in a process, and nothing trusts
// it but the transports of this package's servers.
type issuer struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
	leaf *ecdsa.PrivateKey // of every certificate that it makes
}

// authority returns the process's issuer.
var authority = sync.OnceValue(func() *issuer {
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "httpxtest"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(365 * 24 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	a := &issuer{key: newKey(), leaf: newKey(), pool: x509.NewCertPool()}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err == nil {
		a.cert, err = x509.ParseCertificate(der)
	}
	if err != nil {
		panic(fmt.Sprintf("httpxtest: can't make a certificate authority: %v", err))
	}
	a.pool.AddCert(a.cert)
	return a
})

func newKey() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("httpxtest: can't make a key: %v", err))
	}
	return k
}

// certificate returns a certificate for a host, valid until then.
func (a *issuer) certificate(host string, until time.Time) (*tls.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: host},
		NotBefore:    a.cert.NotBefore.Add(-time.Hour),
		NotAfter:     until,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, a.leaf.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.leaf}, nil
}

// tlsConfig returns a server's configuration: its certificates are for
// whatever name the client asks for, or as the fault says.
func (c *config) tlsConfig(protocols *http.Protocols) *tls.Config {
	var made sync.Map // host → *tls.Certificate
	conf := &tls.Config{
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			host := hello.ServerName // none for an address
			if host == "" {
				host, _, _ = net.SplitHostPort(hello.Conn.LocalAddr().String())
			}
			until := authority().cert.NotAfter
			switch c.tlsFault {
			case handshake:
				return nil, errors.New("httpxtest: the handshake fails, as the test wants")
			case expired:
				until = time.Now().Add(-time.Minute)
			case wrongHost:
				host = "wrong.host.invalid"
			}
			if known, ok := made.Load(host); ok {
				return known.(*tls.Certificate), nil
			}
			cert, err := authority().certificate(host, until)
			if err == nil {
				made.Store(host, cert)
			}
			return cert, err
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
