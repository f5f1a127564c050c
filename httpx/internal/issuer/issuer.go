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

// An Issuer is a certificate authority whose key never leaves the memory of this
// process. Only clients that are given its [Issuer.Root] trust it. An Issuer may be
// used by many goroutines.
type Issuer struct {
	name string
	key  *ecdsa.PrivateKey
	root *x509.Certificate
	leaf *ecdsa.PrivateKey // the key of every certificate that it makes
}

var (
	// Certificates are valid from a date before the year 2000, when the clock in a
	// bubble of testing/synctest starts.
	from = time.Date(1990, time.January, 1, 0, 0, 0, 0, time.UTC)

	// NoEnd is the end of a certificate that does not expire (RFC 5280 section
	// 4.1.2.5).
	NoEnd = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

	// LongAgo is the end of a certificate that has expired.
	LongAgo = from.Add(time.Hour)
)

// New returns an issuer with a name, which its certificates show. Its own certificate
// does not expire.
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

// Root returns the issuer's own certificate. A client that trusts it trusts every
// certificate that the issuer makes.
func (i *Issuer) Root() *x509.Certificate { return i.root }

// Certificate returns a server certificate for hosts, which are names or IP addresses.
// It expires at the time until.
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
