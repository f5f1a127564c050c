package memory

import (
	"net"
	"net/http"
	"sync"
)

// Serve makes a server answer the requests of one connection. Serve returns at once.
// The server serves the connection until either side closes it.
func Serve(s *http.Server, conn net.Conn) {
	s.Serve(&once{conn: conn})
}

// A once is a listener that accepts one connection, because an http.Server takes a
// listener. Its second Accept fails at once, so no goroutine waits for another
// connection.
type once struct {
	conn net.Conn

	mu    sync.Mutex // guards asked
	asked int        // number of calls of Accept
}

func (o *once) Accept() (net.Conn, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked++; o.asked > 1 {
		return nil, net.ErrClosed
	}
	return o.conn, nil
}

// Close closes the connection if the server does not track it yet. The server tracks
// a connection when it calls Accept again, and then closes it itself.
func (o *once) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked > 1 {
		return nil
	}
	return o.conn.Close()
}

func (o *once) Addr() net.Addr { return serverAddr }
