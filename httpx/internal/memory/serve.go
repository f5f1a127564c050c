package memory

import (
	"net"
	"net/http"
	"sync"
)

// Serve has a server answer the requests of one connection. It returns at once;
// the connection is served until it is closed, by either side.
func Serve(s *http.Server, conn net.Conn) {
	s.Serve(&once{conn: conn})
}

// once is a listener that accepts one connection: what a server serves is a
// listener. No goroutine waits for another.
type once struct {
	conn net.Conn

	mu    sync.Mutex // guards what follows
	asked int        // how often Accept was called
}

func (o *once) Accept() (net.Conn, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked++; o.asked > 1 {
		return nil, net.ErrClosed
	}
	return o.conn, nil
}

// Close closes the connection unless the server does so when it is closed: it knows a
// connection when it asks for the next.
func (o *once) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked > 1 {
		return nil
	}
	return o.conn.Close()
}

func (o *once) Addr() net.Addr { return serverAddr }
