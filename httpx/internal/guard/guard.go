// Package guard has a proxy on loopback that refuses every request. It catches
// clients with a transport of their own, which no route reaches. Nearly all of them
// take their proxy from the environment.
package guard

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// at is the host and port at which the guard listens, or nil while there is no guard.
var at atomic.Pointer[string]

// Is says whether u is the guard's URL.
func Is(u *url.URL) bool {
	p := at.Load()
	return u != nil && p != nil && u.Host == *p
}

// Start starts the guard and returns its URL.
func Start() (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	host := l.Addr().String()
	at.Store(&host)
	var serving sync.WaitGroup
	serving.Add(1)
	scope.Go(scope.Detach(context.Background()), func(context.Context) {
		defer serving.Done()
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { refuse(conn) })
		}
	})
	return "http://" + host, func() {
		at.Store(nil)
		l.Close()
		serving.Wait()
	}, nil
}

// refuse reads one request from a connection, and makes it fail for the client.
func refuse(conn net.Conn) {
	defer conn.Close()
	const patience = 10 * time.Second
	conn.SetDeadline(time.Now().Add(patience))
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	scheme, host := "http", req.Host
	if req.Method == http.MethodConnect {
		scheme, host = "https", strings.TrimSuffix(host, ":443")
	}
	why := fmt.Sprintf("httpxtest refused %s: the client has a transport of its own, which routes do not reach: "+
		"give the client httpx.Wrap(transport), or see httpxtest.Main", host)
	engine.Unscoped.Add(engine.Failure{
		Request: engine.Request{Method: req.Method, Scheme: scheme, Host: host, Path: req.URL.EscapedPath()},
		Why:     why,
	})
	if req.Method == http.MethodConnect {
		fmt.Fprintf(conn, "HTTP/1.1 403 %s\r\n\r\n", why) // package http quotes this line
	} else {
		// A response with a status would not be an error. A malformed header line is.
		fmt.Fprintf(conn, "HTTP/1.1 403 Forbidden\r\n(%s)\r\n\r\n", why)
	}
	if c, ok := conn.(*net.TCPConn); ok {
		c.CloseWrite()
	}
	io.Copy(io.Discard, conn) // closing while the client sends would reset the connection
}
