package httpxtest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

// A Server is a fake of an HTTP server, for one test: it answers what the test
// declares with [Server.Expect] and [Server.Stub], and fails the test for what
// did not come and for what came unasked. [NewServer] and [Mock] make one. Its
// methods may be called from any goroutine.
type Server struct {
	// URL is where the server listens: http://127.0.0.1:1234, with no slash
	// at the end.
	URL string

	t    testing.TB
	name string // the host it stands for, or its address
	http *http.Server

	mu       sync.Mutex // guards what follows
	changed  sync.Cond  // a request was begun or answered
	routes   []*Expectation
	journal  []*Request
	strays   []*stray
	panics   []string
	inFlight int
}

// NewServer starts a server on loopback. At the end of the test, and before
// the cleanups that were registered earlier, it waits for the requests in
// flight, verifies what was declared, and closes.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	return start(t, "", configure(opts))
}

// Mock is [NewServer] with a route: in the test's scope, requests for host go
// to the server, with their Host as it was. host is as in [httpx.Route]. It
// also makes the scope refuse requests that have no route, so that a test
// never reaches the real world by mistake; [AllowUnrouted] undoes that.
//
// The code under test must send through package httpx: through
// http.DefaultTransport after [httpx.Install], or a transport that
// [httpx.Wrap] made.
func Mock(t testing.TB, host string, opts ...Option) *Server {
	t.Helper()
	scopetest.New(t) // so that the scope's end comes after the server's
	c := configure(opts)
	s := start(t, host, c)
	b := []scopeBinding{httpx.Route(host, s.URL, httpx.KeepHost)}
	if !c.allowUnrouted {
		b = append(b, httpx.Unrouted.Bind(httpx.Refuse))
	}
	scopetest.New(t, b...)
	return s
}

// start starts a server that stands for a host, and registers its end.
func start(t testing.TB, host string, c config) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("httpxtest: can't listen on loopback: %v", err)
	}
	s := &Server{t: t, name: host, URL: "http://" + listener.Addr().String()}
	if s.name == "" {
		s.name = listener.Addr().String()
	}
	s.changed.L = &s.mu
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          discard,
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		s.http.Serve(listener)
	}()
	t.Cleanup(func() {
		t.Helper()
		s.settle(c.patience)
		s.http.Close()
		<-served
		s.verify()
	})
	return s
}

// Client returns a client that sends to the server's URL as any other, and
// whose connections are its own.
func (s *Server) Client() *http.Client { return &http.Client{Transport: &http.Transport{}} }

// ServeHTTP answers as the test declared. It is the server's handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.inFlight++
	s.mu.Unlock()
	entry := newRequest(r)
	defer func() {
		v := recover()
		entry.Body = entry.recorder.bytes()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inFlight--
		entry.answered = true
		s.changed.Broadcast()
		if v != nil && v != http.ErrAbortHandler {
			s.panics = append(s.panics, panicText(entry, v))
		}
		if v != nil {
			panic(http.ErrAbortHandler) // the client's connection breaks
		}
	}()

	route, why := s.take(r, entry)
	if route == nil {
		http.Error(w, why, http.StatusNotImplemented)
		return
	}
	route.serve(w, r)
}

// take finds who answers a request, and writes it into the journal.
func (s *Server) take(r *http.Request, entry *Request) (route *Expectation, unexpected string) {
	if s.needsBody() {
		entry.recorder.readAll()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = append(s.journal, entry)
	route, nearest := s.find(r, entry)
	if route != nil {
		route.count++
		entry.Route = route.name()
		return route, ""
	}
	return nil, s.stray(entry, nearest)
}

// settle waits until no request is in flight, for at most so long, and ends
// the test with the stacks of what hangs.
func (s *Server) settle(patience time.Duration) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if s.await(ctx, func() bool { return s.inFlight == 0 }) != nil {
		s.t.Errorf("httpxtest: %s: %s", s.name, s.hanging(patience))
	}
}

// await waits until done says so, which is called with s.mu held.
func (s *Server) await(ctx context.Context, done func() bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer stop()
	for !done() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.changed.Wait()
	}
	return nil
}
