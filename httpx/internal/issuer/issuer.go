// Package issuer makes certificates for servers inside this process.
package issuer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"
)

// An Issuer is a certificate authority whose key never leaves the memory of
// this process. Nothing trusts it but what is given its [Issuer.Root]. It may
// be used by many goroutines.
type Issuer struct {
	name string
	key  *ecdsa.PrivateKey
	root *x509.Certificate
	leaf *ecdsa.PrivateKey // of every certificate that it makes
}

// Certificates are valid from before the time in a bubble of testing/synctest, which
// is in 2000, until the date that stands for no end (RFC 5280 section 4.1.2.5).
var (
	from = time.Date(1990, time.January, 1, 0, 0, 0, 0, time.UTC)

	// NoEnd is until when a certificate is valid that does not expire.
	NoEnd = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

	// LongAgo is until when a certificate is valid that has expired.
	LongAgo = from.Add(time.Hour)
)

// New returns an issuer with a name, which its certificates show. It does not expire.
func New(name string) *Issuer {
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             from,
		NotAfter:              NoEnd,
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		MaxPathLenZero:        true,
		BasicConstraintsValid: true,
	}
	i := &Issuer{name: name, key: newKey(), leaf: newKey()}
	der, err := x509.CreateCertificate(rand.Reader, template, template, i.key.Public(), i.key)
	if err == nil {
		i.root, err = x509.ParseCertificate(der)
	}
	if err != nil {
		panic(fmt.Sprintf("issuer: can't make a certificate authority: %v", err))
	}
	return i
}

func newKey() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("issuer: can't make a key: %v", err))
	}
	return k
}

// Root returns the certificate by which one trusts all that the issuer makes.
func (i *Issuer) Root() *x509.Certificate { return i.root }

// Certificate returns a server's certificate for hosts, which are names or IP
// addresses, valid until then.
func (i *Issuer) Certificate(until time.Time, hosts ...string) (*tls.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: i.name},
		NotBefore:    from,
		NotAfter:     until,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, i.root, i.leaf.Public(), i.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: i.leaf}, nil
}
