package httpxtest

import (
	"net"
	"net/http"
	"syscall"

	"github.com/scopetree/scope/httpx"
)

// memory sends every request to a server without a socket.
type memory struct{ server *Server }

func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	m.server.mu.Lock()
	up := m.server.on != nil
	m.server.mu.Unlock()
	if !up {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, refused()
	}
	return httpx.HandlerTransport(m.server).RoundTrip(req)
}

// refused is the error of a connection to a port where nobody listens.
func refused() error { return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED} }
