// Package address parses and compares the hosts of routes, and rewrites URLs for their
// targets.
package address

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// A Pattern says which hosts a route takes.
type Pattern struct {
	Kind Kind
	Host string // in lower case: the host, or the domain with a dot before it
	Port string // "" for any port
}

// A Kind is a kind of pattern. The least specific comes first.
type Kind int

const (
	Malformed Kind = iota - 1 // takes nothing; Host is the text as written
	BaseURL                   // takes every request that no route takes
	AnyHost                   // *
	AnyBelow                  // *.example.com
	OneHost                   // example.com
)

// ParsePattern parses a pattern. If s is malformed, it returns a pattern that takes
// nothing, and an error.
func ParsePattern(s string) (Pattern, error) {
	p, err := ParseHost(s)
	if err != nil {
		return Pattern{Kind: Malformed, Host: s}, err
	}
	return p, nil
}

// ParseHost parses a pattern. If s is malformed, it returns the zero Pattern and an
// error.
func ParseHost(s string) (Pattern, error) {
	switch {
	case s == "":
		return Pattern{}, errors.New(`empty host: use "*" for all hosts`)
	case strings.Contains(s, "/") || strings.ContainsAny(s, "?#@ \t\r\n"):
		return Pattern{}, errors.New(`want a host, such as "api.example.com", not a URL`)
	}
	host, port := s, ""
	if u, err := url.Parse("//" + strings.Replace(s, "*", "x", 1)); err != nil {
		return Pattern{}, fmt.Errorf("bad host: %w", err.(*url.Error).Err)
	} else if port = u.Port(); port != "" || strings.HasSuffix(s, ":") {
		host = strings.TrimSuffix(s[:len(s)-len(port)], ":")
	}
	if err := checkPort(port); err != nil {
		return Pattern{}, err
	}
	if strings.Contains(host, ":") && host[0] != '[' {
		return Pattern{}, errors.New(`want an IPv6 address in brackets, as in "[::1]"`)
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, err := toASCII(strings.TrimPrefix(host, "*.")); err != nil {
		return Pattern{}, err
	}
	if below, ok := strings.CutPrefix(host, "*."); ok {
		host = "*." + Canonical(below)
	} else {
		host = Canonical(host)
	}
	switch {
	case host == "":
		return Pattern{}, errors.New("empty host before the port")
	case host == "*":
		return Pattern{AnyHost, "", port}, nil
	case strings.HasPrefix(host, "*.") && len(host) > 2 && !strings.Contains(host[1:], "*"):
		return Pattern{AnyBelow, host[1:], port}, nil
	case strings.Contains(host, "*"):
		return Pattern{}, errors.New(`"*" must stand alone, or in place of the first labels, as in "*.example.com"`)
	}
	return Pattern{OneHost, host, port}, nil
}

// Canonical returns a host in the form in which hosts are compared: lower case and
// ASCII, as package http sends it (RFC 5891). It drops a final dot, which changes how
// a name is resolved, but not which host it names.
func Canonical(host string) string {
	host, _ = toASCII(strings.TrimSuffix(host, "."))
	return strings.ToLower(host)
}

// toASCII returns a host as it is sent. If the host can't be sent, toASCII returns it
// unchanged, with an error.
func toASCII(host string) (string, error) {
	for i := range len(host) {
		if host[i] >= utf8.RuneSelf {
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil {
				return host, fmt.Errorf("not a host name: %w", err)
			}
			return ascii, nil
		}
	}
	return host, nil
}

// Takes says whether the pattern takes requests to o.
func (p *Pattern) Takes(o Origin) bool {
	if p.Port != "" && p.Port != o.Port {
		return false
	}
	switch p.Kind {
	case OneHost:
		return o.Host == p.Host
	case AnyBelow:
		return strings.HasSuffix(o.Host, p.Host) && len(o.Host) > len(p.Host)
	}
	return true
}

// Covers says whether p takes every request that q takes.
func (p Pattern) Covers(q Pattern) bool {
	if p.Port != "" && p.Port != q.Port {
		return false
	}
	switch p.Kind {
	case OneHost:
		return q.Kind == OneHost && q.Host == p.Host
	case AnyBelow:
		return strings.HasSuffix(q.Host, p.Host) // the host of "*" is empty
	}
	return p.Kind == AnyHost
}

// Compare returns a negative number if p is more specific than q.
func (p Pattern) Compare(q Pattern) int {
	if p.Kind != q.Kind {
		return int(q.Kind - p.Kind)
	}
	if len(p.Host) != len(q.Host) {
		return len(q.Host) - len(p.Host)
	}
	return len(q.Port) - len(p.Port) // if both have a port, the order does not matter
}

// String returns the pattern as it is written.
func (p Pattern) String() string {
	host := p.Host
	switch p.Kind {
	case BaseURL:
		return "base URL"
	case AnyHost, AnyBelow:
		host = "*" + host
	}
	if p.Port != "" {
		return net.JoinHostPort(host, p.Port)
	}
	return host
}

// An Origin is a URL's scheme, host and port (RFC 6454 section 4), in a form that can
// be compared.
type Origin struct {
	Scheme string
	Host   string // as Canonical returns it
	Port   string // the scheme's, if the URL names none
}

// OriginOf returns the origin of a URL.
func OriginOf(u *url.URL) Origin {
	o := Origin{u.Scheme, u.Host, ""}
	if strings.IndexByte(u.Host, ':') >= 0 {
		o.Host, o.Port = u.Hostname(), u.Port()
	}
	o.Host = Canonical(o.Host)
	if o.Port == "" {
		switch u.Scheme {
		case "http":
			o.Port = "80"
		case "https":
			o.Port = "443"
		}
	}
	return o
}
