package httpxtest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"time"
)

// A listening is a server's presence on a port, from Up to Down.
type listening struct {
	http   *http.Server
	served chan struct{} // closed when it has stopped
}

// listen starts to serve on an address, "127.0.0.1:0" for a free port.
func (s *Server) listen(address string) (net.Addr, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("can't listen: %w", err)
	}
	on := &listening{http: s.httpServer(), served: make(chan struct{})}
	if s.config.secure() {
		l = tls.NewListener(l, on.http.TLSConfig)
	}
	go func() {
		defer close(on.served)
		on.http.Serve(l)
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = on
	return l.Addr(), nil
}

// httpServer returns a server for one listening, as configured.
func (s *Server) httpServer() *http.Server {
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          discard,
		Protocols:         s.config.protocols(),
	}
	if s.config.secure() {
		h.TLSConfig = s.config.tlsConfig(h.Protocols)
	}
	return h
}

// stop ends the listening and closes its connections. It may be called again.
func (s *Server) stop() {
	s.mu.Lock()
	on, transport := s.on, s.transport
	s.on = nil
	s.mu.Unlock()
	if transport != nil {
		transport.CloseIdleConnections()
	}
	if on != nil {
		on.http.Close()
		<-on.served
	}
}

// Down stops listening and breaks all connections, so that the next connection
// is refused. In memory, the next request is.
func (s *Server) Down() { s.stop() }

// Up listens again after [Server.Down], on the same port. It fails the test
// when that has been taken meanwhile.
func (s *Server) Up() {
	s.t.Helper()
	s.mu.Lock()
	up := s.on != nil
	s.mu.Unlock()
	switch {
	case up:
		return
	case s.config.inMemory:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.on = inMemory()
	default:
		if _, err := s.listen(s.address); err != nil {
			s.t.Fatalf("httpxtest: %s: Up: %v", s.name, err)
		}
	}
}

// inMemory is the listening of a server that has no socket.
func inMemory() *listening {
	on := &listening{http: new(http.Server), served: make(chan struct{})}
	close(on.served)
	return on
}

// pinned sends every request to one server, whatever host it is for.
type pinned struct {
	*http.Transport
	plain bool // the server speaks no TLS
}

// Transport returns a transport that sends requests for any host to the
// server, with their Host as it is. It trusts the certificates that the server
// shows, and nothing else, and speaks HTTP/2 where the server does. Its
// connections are closed when the test ends.
func (s *Server) Transport() http.RoundTripper {
	if s.config.inMemory {
		return origin{memory{s}, s}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.transport == nil {
		p := s.config.protocols()
		if p.UnencryptedHTTP2() {
			p.SetHTTP1(false) // a client that could do both would not choose it
		}
		s.transport = &pinned{&http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				s.mu.Lock()
				up := s.on != nil
				s.mu.Unlock()
				if !up { // whoever listens on the port now, it is not this server
					return nil, refused()
				}
				return new(net.Dialer).DialContext(ctx, network, s.address)
			},
			TLSClientConfig: &tls.Config{RootCAs: trusted()},
			Protocols:       p,
		}, !s.config.secure()}
	}
	return origin{s.transport, s}
}

func (p *pinned) RoundTrip(req *http.Request) (*http.Response, error) {
	if !p.plain || req.URL == nil || req.URL.Scheme != "https" {
		return p.Transport.RoundTrip(req)
	}
	plain, u := *req, *req.URL
	u.Scheme = "http"
	plain.URL = &u
	resp, err := p.Transport.RoundTrip(&plain)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}
