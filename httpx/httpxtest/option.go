package httpxtest

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"
)

// An Option changes how [NewServer] or [Mock] makes a server. The zero Option
// changes nothing.
type Option struct{ apply func(*config) }

// AllowUnrouted lets the test's scope send requests that have no route, also under [Main].
// Without it, [Mock] makes the scope refuse them. Of several Mocks the last one decides,
// so give it to each. On [NewServer] it has no effect.
func AllowUnrouted() Option { return Option{func(c *config) { c.allowUnrouted = true }} }

// Global makes a [Mock] answer for code in no scope as well, such as a goroutine
// that was started before the test. It affects the whole process, so it fails a
// parallel test, as t.Setenv does. On [NewServer], which stands for no host, it has no
// effect.
func Global() Option { return Option{func(c *config) { c.global = true }} }

// Patience sets how long the end of the test waits for requests in flight before it fails.
// The default is five seconds.
func Patience(d time.Duration) Option { return Option{func(c *config) { c.patience = d }} }

// TLS makes the server speak TLS. It shows a certificate for the name that the
// client asks for, from an authority made in this process, which the route of
// [Mock], [Server.Client] and [Server.Transport] trust, and nothing else does.
func TLS() Option { return Option{func(c *config) { c.tls = true }} }

// HTTP2 makes the server speak HTTP/2 as well as HTTP/1.1: over TLS with
// [TLS], else in cleartext. In cleartext its own clients speak only HTTP/2.
func HTTP2() Option { return Option{func(c *config) { c.http2 = true }} }

// IPv6 makes the server listen on ::1. With [InMemory] it has no effect.
func IPv6() Option { return Option{func(c *config) { c.ipv6 = true }} }

// InMemory makes a server that has no socket: package http's own server and
// transport over connections in memory. All other options, the faults, [Server.Down] and
// [Server.Up] work as they do on a socket. Requests reach it through routes alone:
// [NewServer] then routes the server's URL in the test's scope. It works in a bubble of
// testing/synctest, where time is fake, and takes less time. Make the server in the
// bubble that its requests come from. In a bubble, [HTTP2] needs Go 1.26: earlier,
// package http's server shares channels between bubbles.
func InMemory() Option { return Option{func(c *config) { c.inMemory = true }} }

// ExpiredCertificate makes the server speak [TLS], and show an expired certificate.
func ExpiredCertificate() Option { return faulty(expired) }

// WrongHostCertificate makes the server speak [TLS], and show a certificate for another
// host.
func WrongHostCertificate() Option { return faulty(wrongHost) }

// HandshakeFailure makes the server break every handshake of [TLS] off. Of the three
// faulty options, the last one counts.
func HandshakeFailure() Option { return faulty(handshake) }

func faulty(f tlsFault) Option {
	return Option{func(c *config) { c.tls, c.tlsFault = true, f }}
}

// A tlsFault is a fault in a server's handshakes.
type tlsFault int

const (
	none tlsFault = iota
	expired
	wrongHost
	handshake
)

type config struct {
	allowUnrouted bool
	global        bool
	patience      time.Duration
	tls           bool
	tlsFault      tlsFault
	http2         bool
	ipv6          bool
	inMemory      bool
}

// String lists the options that are set.
func (c config) String() string {
	var set []string
	for _, o := range []struct {
		name string
		set  bool
	}{
		{"AllowUnrouted", c.allowUnrouted},
		{"Global", c.global},
		{"TLS", c.tls && c.tlsFault == none},
		{"ExpiredCertificate", c.tlsFault == expired},
		{"WrongHostCertificate", c.tlsFault == wrongHost},
		{"HandshakeFailure", c.tlsFault == handshake},
		{"HTTP2", c.http2},
		{"IPv6", c.ipv6},
		{"InMemory", c.inMemory},
		{fmt.Sprintf("Patience(%v)", c.patience), c.patience != defaultPatience},
	} {
		if o.set {
			set = append(set, o.name)
		}
	}
	if set == nil {
		return "none"
	}
	return strings.Join(set, ", ")
}

const defaultPatience = 5 * time.Second

func configure(opts []Option) config {
	c := config{patience: defaultPatience}
	for _, o := range opts {
		if o.apply != nil {
			o.apply(&c)
		}
	}
	return c
}

func (c *config) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(c.http2 && c.tls)
	p.SetUnencryptedHTTP2(c.http2 && !c.tls)
	return p
}

// loopback returns the address to listen on.
func (c *config) loopback() string {
	if c.ipv6 {
		return "[::1]:0"
	}
	return "127.0.0.1:0"
}

// discard drops what package http's server would log to standard error. Faults that
// matter fail the test anyway.
var discard = log.New(io.Discard, "", 0)
