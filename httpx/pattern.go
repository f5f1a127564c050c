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

// takes says whether the pattern is for a canonical host and a port.
func (p pattern) takes(host, port string) bool {
	if p.port != "" && p.port != port {
		return false
	}
	switch p.kind {
	case oneHost:
		return host == p.host
	case anyBelow:
		return strings.HasSuffix(host, p.host) && len(host) > len(p.host)
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

// authority returns a URL's canonical host, and its port, the scheme's if it
// names none.
func authority(u *url.URL) (host, port string) {
	port = u.Port()
	if port == "" {
		switch u.Scheme {
		case "http":
			port = "80"
		case "https":
			port = "443"
		}
	}
	return canonical(u.Hostname()), port
}
