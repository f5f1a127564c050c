package debug

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// passedOn has the headers by which a proxy says that it passes on a request of another
// client. X-Forwarded-Host is not one of them, because package httpx adds it to routed
// requests.
var passedOn = []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"}

// stranger says why a request does not come from this machine, or why a browser must not
// show the answer. It returns "" if the request is fine.
func stranger(r *http.Request) string {
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !a.Addr().Unmap().IsLoopback() {
		return fmt.Sprintf("%q is no loopback address", r.RemoteAddr)
	}
	for _, name := range passedOn {
		if r.Header[name] != nil {
			return "a proxy has passed the request on, with the header " + name
		}
	}
	// A web page on evil.test can make that name lead to 127.0.0.1, and then read the
	// answer as its own. The Host header still has the name.
	if !loopback(r.Host) {
		return fmt.Sprintf("the request is for %q, which is not localhost or a loopback address", r.Host)
	}
	return ""
}

// loopback reports whether a Host header names this machine for every resolver.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	a, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && a.Unmap().IsLoopback()
}
