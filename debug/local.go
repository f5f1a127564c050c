package debug

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// passedOn are the headers by which proxies say that a request is another's.
// X-Forwarded-Host is not among them: package httpx adds it to what it routes.
var passedOn = []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"}

// stranger says why a request does not come from this machine, or not from where
// a browser may show the answer; "" if it does.
func stranger(r *http.Request) string {
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !a.Addr().Unmap().IsLoopback() {
		return fmt.Sprintf("%q is no loopback address", r.RemoteAddr)
	}
	for _, name := range passedOn {
		if r.Header[name] != nil {
			return "a proxy has passed the request on, with the header " + name
		}
	}
	// A web page on evil.test can have that name lead to 127.0.0.1, and then
	// read what is there, as its own. The name is what gives it away.
	if !loopback(r.Host) {
		return fmt.Sprintf("the request is for %q, which is not localhost or a loopback address", r.Host)
	}
	return ""
}

// loopback says whether a Host header names this machine, to every resolver.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.Unmap().IsLoopback()
}
