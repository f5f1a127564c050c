package httpxtest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/scopetree/scope/httpx/internal/memory"
)

// A listening is the time from Up to Down in which a server listens, on a port or in
// memory.
type listening struct {
	http   *http.Server
	secure *tls.Config           // nil without TLS
	served chan struct{}         // closed when the port is free again; nil in memory
	active map[net.Conn]struct{} // connections with a request that is not answered completely; guarded by Server.mu
}

// listen starts to serve on an address, or in memory. "127.0.0.1:0" means any free port.
func (s *Server) listen(address string) (net.Addr, error) {
	on := &listening{http: s.httpServer(), active: map[net.Conn]struct{}{}}
	on.http.ConnState = func(c net.Conn, state http.ConnState) { s.track(on, c, state) }
	on.secure = on.http.TLSConfig
	var l net.Listener
	if !s.config.inMemory {
		var err error
		if l, err = net.Listen("tcp", address); err != nil {
			return nil, fmt.Errorf("can't listen: %w", err)
		}
		on.served = make(chan struct{})
		go func() {
			defer close(on.served)
			if on.secure != nil {
				on.http.Serve(tls.NewListener(l, on.secure))
			} else {
				on.http.Serve(l)
			}
		}()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = on
	if l == nil {
		return nil, nil
	}
	return l.Addr(), nil
}

// listenFirst is listen for a new server. It reserves a port, so that no other program gets
// the port while the server is down. If the system allows no listener on a reserved port,
// the server does without.
func (s *Server) listenFirst() (net.Addr, error) {
	s.release = func() {}
	if s.config.inMemory {
		return s.listen("")
	}
	reserved, release := reserve(s.config.loopback())
	a, err := s.listen(reserved)
	if err != nil {
		release()
		return s.listen(s.config.loopback())
	}
	s.release = release
	return a, nil
}

// track notes whether a connection is active. Package http calls it.
func (s *Server) track(on *listening, c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateActive {
		on.active[c] = struct{}{}
		return
	}
	delete(on.active, c)
	s.changed.Broadcast()
}

// httpServer returns a server with the options' settings, for one listening.
func (s *Server) httpServer() *http.Server {
	h := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          discard,
		ConnContext:       noteUse,
		Protocols:         s.config.protocols(),
	}
	if s.config.tls {
		h.TLSConfig = s.config.tlsConfig(h.Protocols, s.name)
	}
	return h
}

// dial connects to the server, if it is up.
func (s *Server) dial(ctx context.Context, network string) (net.Conn, error) {
	s.mu.Lock()
	on := s.on
	s.mu.Unlock()
	switch {
	case on == nil: // another server may listen on the port now
		return nil, s.refused()
	case !s.config.inMemory:
		c, err := new(net.Dialer).DialContext(ctx, network, s.address)
		if err != nil {
			return nil, err
		}
		return s.counted(c), nil
	}
	client, server := memory.Pipe()
	if on.secure != nil {
		memory.Serve(on.http, tls.Server(server, on.secure))
	} else {
		memory.Serve(on.http, server)
	}
	return s.counted(client), nil
}

// counted returns a connection that is counted in s.dialed until it is closed. It returns
// c if c does not speak HTTP/2.
func (s *Server) counted(c net.Conn) net.Conn {
	if !s.config.http2 {
		return c
	}
	s.dialed.Add(1)
	return &dialed{Conn: c, closed: sync.OnceFunc(func() { s.dialed.Add(-1) })}
}

type dialed struct {
	net.Conn
	closed func()
}

func (d *dialed) Close() error {
	defer d.closed()
	return d.Conn.Close()
}

// awaitWriting waits until package http has written the answers of the handlers, which it
// does after they have returned. Over HTTP/2, package http reports that a connection is
// idle before it has written the last frames. So awaitWriting closes the clients' ends
// first, each when its last answer has arrived.
func (s *Server) awaitWriting() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.await(ctx, func() (bool, error) { return s.on == nil || len(s.on.active) == 0, nil })
	for pause := 50 * time.Microsecond; s.dialed.Load() > 0 && ctx.Err() == nil; pause *= 2 {
		s.closeIdle()
		if s.dialed.Load() == 0 {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// closeIdle closes the connections of s.Transport() on which no answer is awaited.
func (s *Server) closeIdle() {
	s.mu.Lock()
	transport := s.transport
	s.mu.Unlock()
	if transport != nil {
		transport.CloseIdleConnections()
	}
}

// refused returns the error of a connection to a port on which no server listens.
func (s *Server) refused() error {
	err := error(syscall.ECONNREFUSED)
	if s.closed.Load() {
		err = fmt.Errorf("the fake made at %s is closed: %w", s.site, err)
	}
	return &net.OpError{Op: "dial", Net: "tcp", Err: err}
}

// stop ends the listening and closes its connections. It may be called again.
func (s *Server) stop() {
	s.mu.Lock()
	on := s.on
	s.on = nil
	s.mu.Unlock()
	s.closeIdle()
	if on != nil {
		on.http.Close()
		if on.served != nil {
			<-on.served
		}
	}
}

// Down stops listening and breaks all connections, so that the next connection
// is refused.
func (s *Server) Down() {
	s.stop()
}

// Up listens again after [Server.Down], on the same port. It fails the test if another
// program has taken the port meanwhile. On Linux, the port stays reserved.
func (s *Server) Up() {
	s.t.Helper()
	s.mu.Lock()
	up := s.on != nil
	s.mu.Unlock()
	switch {
	case up:
		return
	case s.closed.Load():
		s.t.Fatalf("httpxtest: %s: Up after Close", s.name)
	}
	if _, err := s.listen(s.address); err != nil {
		s.t.Fatalf("httpxtest: %s: Up: %v", s.name, err)
	}
}

// A pinned sends every request to one server, whatever its host is.
type pinned struct {
	*http.Transport
	plain bool // the server speaks no TLS
}

// Transport returns a transport that sends requests for any host to the
// server, with their Host as it is. It trusts the certificates that the server
// shows, and nothing else, and speaks HTTP/2 where the server does. Its
// connections are closed when the test ends.
func (s *Server) Transport() http.RoundTripper {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.transport == nil {
		p := s.config.protocols()
		if p.UnencryptedHTTP2() {
			p.SetHTTP1(false) // a client that speaks both would choose HTTP/1
		}
		s.transport = &pinned{&http.Transport{
			DialContext:     func(ctx context.Context, network, _ string) (net.Conn, error) { return s.dial(ctx, network) },
			TLSClientConfig: &tls.Config{RootCAs: trusted()},
			Protocols:       p,

			ExpectContinueTimeout: time.Minute, // the server always answers
		}, !s.config.tls}
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
