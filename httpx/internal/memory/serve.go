package memory

import (
	"net"
	"net/http"
)

// Serve has a server answer the requests of one connection. It returns at once;
// the connection is served until it is closed, by either side.
func Serve(s *http.Server, conn net.Conn) {
	s.Serve(&once{conn})
}

// once is a listener that accepts one connection: what a server serves is a
// listener. No goroutine waits for another.
type once struct{ conn net.Conn }

func (o *once) Accept() (net.Conn, error) {
	if o.conn == nil {
		return nil, net.ErrClosed
	}
	conn := o.conn
	o.conn = nil
	return conn, nil
}

// Close closes the connection if it was not accepted, because the server is closed.
func (o *once) Close() error {
	if o.conn != nil {
		return o.conn.Close()
	}
	return nil
}

func (o *once) Addr() net.Addr { return serverAddr }
