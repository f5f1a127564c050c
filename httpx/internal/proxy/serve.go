package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scopetree/scope"
)

// A service answers the requests that come through the tunnels of scopes that end
// together. The clients may be any code's clones, and may keep connections open. So
// the service closes the connections itself when their scope ends.
type service struct {
	proxy  *Proxy
	server *http.Server

	mu       sync.Mutex // guards the fields below
	listener net.Listener
	conns    map[net.Conn]bool // true while the connection waits for a request
	ended    bool
}

func newService(p *Proxy) *service {
	http1 := new(http.Protocols)
	http1.SetHTTP1(true)
	s := &service{proxy: p, conns: map[net.Conn]bool{}}
	s.server = &http.Server{
		Handler:        http.HandlerFunc(p.answer),
		BaseContext:    func(l net.Listener) context.Context { return l.(*tunnel).ctx },
		ConnState:      s.track,
		Protocols:      http1,
		MaxHeaderBytes: 10 << 20, // more than a real server takes
		IdleTimeout:    90 * time.Second,
	}
	return s
}

// address returns the address at which the service listens. The first call starts to
// listen.
func (s *service) address() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return "", net.ErrClosed
	}
	if s.listener == nil {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			var err6 error
			if l, err6 = net.Listen("tcp", "[::1]:0"); err6 != nil {
				return "", fmt.Errorf("can't listen on loopback: %w", errors.Join(err, err6))
			}
		}
		s.listener = l
		// The goroutine must not inherit the scope of the first request.
		scope.Go(scope.Detach(context.Background()), func(context.Context) { s.accept(l) })
	}
	return s.listener.Addr().String(), nil
}

func (s *service) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			go s.serve(conn)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			time.Sleep(5 * time.Millisecond) // it may pass, such as too many open files
		}
	}
}

// closeListener is called with s.mu held.
func (s *service) closeListener() {
	if s.listener != nil {
		s.listener.Close()
		s.listener = nil
	}
}

// track notes a connection's new state.
func (s *service) track(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch waits := state == http.StateNew || state == http.StateIdle; {
	case waits && s.ended:
		conn.Close()
	case waits, state == http.StateActive:
		s.conns[conn] = waits
	default:
		delete(s.conns, conn)
	}
}

// end closes the listener and the connections. A connection with a request under way
// is closed when the request has been answered.
func (s *service) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.closeListener()
	for conn, waits := range s.conns {
		if waits {
			conn.Close()
		}
	}
}

// stop closes the listener and all connections. The service can be used again.
func (s *service) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeListener()
	for conn := range s.conns {
		conn.Close()
	}
}

// answer sends a request on as the client made it, and sends the response back.
func (p *Proxy) answer(w http.ResponseWriter, r *http.Request) {
	http.NewResponseController(w).EnableFullDuplex() // in case client and server use it
	scope.Run(r.Context(), func(ctx context.Context) {
		(&httputil.ReverseProxy{
			Rewrite:       restore,
			Transport:     as{r.Method, p.send},
			FlushInterval: -1,
			BufferPool:    buffers{},
			ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, err error) { fails(w, r, err) },
			ErrorLog:      quiet,
			ModifyResponse: func(*http.Response) error {
				w.Header()["Date"] = nil // the server must not add headers that the response lacks
				w.Header()["Content-Type"] = nil
				return nil
			},
		}).ServeHTTP(w, incoming(ctx, r))
	})
}

// incoming returns r in a form that ReverseProxy accepts.
func incoming(ctx context.Context, r *http.Request) *http.Request {
	in := r.WithContext(ctx)
	in.Body = &unclosed{ReadCloser: r.Body}
	if in.Method == http.MethodConnect {
		in.Method = http.MethodGet // Go 1.27's refuses a CONNECT
	}
	return in
}

// An as sends requests with the method that they had before ReverseProxy.
type as struct {
	method string
	http.RoundTripper
}

func (t as) RoundTrip(out *http.Request) (*http.Response, error) {
	out.Method = t.method // out is ReverseProxy's own
	return t.RoundTripper.RoundTrip(out)
}

// An unclosed is the body of a server's request, without its Close, because the
// server closes the body itself. An earlier Close would wait for data that the client
// has not sent yet, and may never send. Go 1.25's ReverseProxy closes the body. Go
// 1.26's does not.
type unclosed struct {
	io.ReadCloser
	closed atomic.Bool
}

func (b *unclosed) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.ReadCloser.Read(p)
}

func (b *unclosed) Close() error {
	b.closed.Store(true)
	return nil
}

// restore gives the outgoing request the form that it had before the tunnel.
func restore(r *httputil.ProxyRequest) {
	t := r.In.Context().Value(tunnelKey{}).(*tunnel)
	u := *r.In.URL // the query too: ReverseProxy drops what it can't parse
	u.Scheme, u.Host = t.scheme, t.host
	r.Out.URL, r.Out.Host = &u, r.In.Host
	r.Out.Trailer = r.In.Trailer // not a copy: trailers are set while the body is read
	for _, k := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if v, ok := r.In.Header[k]; ok {
			r.Out.Header[k] = v
		}
	}
}

// buffers is the pool of buffers for copying bodies.
type buffers struct{}

var freeBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

func (buffers) Get() []byte  { return freeBuffers.Get().(*[32 << 10]byte)[:] }
func (buffers) Put(b []byte) { freeBuffers.Put((*[32 << 10]byte)(b)) }

// quiet drops log lines about errors that the client sees on its connection.
var quiet = log.New(io.Discard, "", 0)

// fails makes the client's request fail with an error that quotes err. A broken
// connection would not say why, and package http would retry some requests. A
// response with a status would not be an error. So the response has a malformed header
// line, which the client's error quotes.
func fails(w http.ResponseWriter, r *http.Request, err error) {
	drain(w, r)
	conn, _, hijackErr := http.NewResponseController(w).Hijack()
	if hijackErr != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	line := strings.Join(strings.Fields(err.Error()), " ")
	fmt.Fprintf(conn, "HTTP/1.1 502 Bad Gateway\r\n(%s)\r\n\r\n", line)
	// The client may still be sending. Closing now would reset the connection, and the
	// line could be lost.
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
	}
	io.Copy(io.Discard, conn)
}

// drain reads the rest of a request's body. A client that can't finish sending would
// report that, and not the response. A body of unknown length gets less time, because
// the client may wait for the response before it sends more.
func drain(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Expect") != "" {
		return // reading would ask the client for the body
	}
	wait := patience
	if r.ContentLength < 0 {
		wait = 200 * time.Millisecond
	}
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(wait))
	io.Copy(io.Discard, r.Body)
}
