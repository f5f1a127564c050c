package clients

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
)

// escaped is in the error of a client whose request passed by the fake.
const escaped = "escaped: it would have left the machine"

// openExit keeps every request on the machine. A transport that sends to a real
// host asks the environment for a proxy first: that is the exit, which refuses.
// One that does not ask finds no name server. Call it before any request.
func openExit() (shut func()) {
	exit := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			fmt.Fprintf(conn, "HTTP/1.1 403 %s\r\n\r\n", escaped) // a transport's error is the reason
			conn.Close()
		}
	}))
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		os.Setenv(name, exit.URL)
	}
	os.Setenv("NO_PROXY", "")
	os.Setenv("no_proxy", "")
	net.DefaultResolver = &net.Resolver{
		PreferGo: true,
		Dial:     func(context.Context, string, string) (net.Conn, error) { return nil, errors.New(escaped) },
	}
	return exit.Close
}
