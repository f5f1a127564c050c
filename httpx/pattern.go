package httpx

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// A pattern says which hosts a route takes.
type pattern struct {
	kind patternKind
	host string // in lower case: the host, or the domain with a dot before it
	port string // "" for any
}

// The kinds of pattern, the least specific first.
type patternKind int

const (
	malformed patternKind = iota - 1 // takes nothing; host is as it was written
	baseURL                          // what no route takes
	anyHost                          // *
	anyBelow                         // *.example.com
	oneHost                          // example.com
)

func parsePattern(s string) (pattern, error) {
	p, err := parseHost(s)
	if err != nil {
		return pattern{kind: malformed, host: s}, err
	}
	return p, nil
}

func parseHost(s string) (pattern, error) {
	switch {
	case s == "":
		return pattern{}, errors.New(`empty host; "*" is for all`)
	case strings.Contains(s, "/") || strings.ContainsAny(s, "?#@ \t\r\n"):
		return pattern{}, errors.New(`want a host, such as "api.example.com", not a URL`)
	}
	host, port := s, ""
	if u, err := url.Parse("//" + strings.Replace(s, "*", "x", 1)); err != nil {
		return pattern{}, fmt.Errorf("bad host: %w", err.(*url.Error).Err)
	} else if port = u.Port(); port != "" || strings.HasSuffix(s, ":") {
		host = strings.TrimSuffix(s[:len(s)-len(port)], ":")
	}
	if err := checkPort(port); err != nil {
		return pattern{}, err
	}
	if strings.Contains(host, ":") && host[0] != '[' {
		return pattern{}, errors.New(`want an IPv6 address in brackets, as in "[::1]"`)
	}
	host = canonical(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	switch {
	case host == "":
		return pattern{}, errors.New("empty host before the port")
	case host == "*":
		return pattern{anyHost, "", port}, nil
	case strings.HasPrefix(host, "*.") && len(host) > 2 && !strings.Contains(host[1:], "*"):
		return pattern{anyBelow, host[1:], port}, nil
	case strings.Contains(host, "*"):
		return pattern{}, errors.New(`"*" stands alone or for the first labels, as in "*.example.com"`)
	}
	return pattern{oneHost, host, port}, nil
}

// canonical is the form in which hosts are compared. A last dot is dropped:
// it changes how a name is resolved, not whose it is.
func canonical(host string) string {
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// takes says whether the pattern is for an origin.
func (p *pattern) takes(o origin) bool {
	if p.port != "" && p.port != o.port {
		return false
	}
	switch p.kind {
	case oneHost:
		return o.host == p.host
	case anyBelow:
		return strings.HasSuffix(o.host, p.host) && len(o.host) > len(p.host)
	}
	return true
}

// compare is negative where p is more specific than q.
func (p pattern) compare(q pattern) int {
	if p.kind != q.kind {
		return int(q.kind - p.kind)
	}
	if len(p.host) != len(q.host) {
		return len(q.host) - len(p.host)
	}
	return len(q.port) - len(p.port) // one has a port, or it makes no difference
}

// String returns the pattern as it is written.
func (p pattern) String() string {
	host := p.host
	switch p.kind {
	case baseURL:
		return "base URL"
	case anyHost, anyBelow:
		host = "*" + host
	}
	if p.port != "" {
		return net.JoinHostPort(host, p.port)
	}
	return host
}

// An origin is what a URL says of where a request goes (RFC 6454 section 4), in
// a form that can be compared.
type origin struct {
	scheme string
	host   string // canonical
	port   string // the scheme's, if the URL names none
}

func originOf(u *url.URL) origin {
	o := origin{u.Scheme, u.Host, ""}
	if strings.IndexByte(u.Host, ':') >= 0 {
		o.host, o.port = u.Hostname(), u.Port()
	}
	o.host = canonical(o.host)
	if o.port == "" {
		switch u.Scheme {
		case "http":
			o.port = "80"
		case "https":
			o.port = "443"
		}
	}
	return o
}
