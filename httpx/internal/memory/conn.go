// Package memory has network connections that are in the memory of this process.
package memory

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Pipe returns the two ends of a connection. It behaves as a TCP connection does:
// a write is buffered until the peer reads it, and waits while the buffer is full;
// deadlines hold for calls that wait already; the peer of an end that is closed
// reads what is buffered and then io.EOF, and loses what it writes first. Each end may be used by many goroutines.
// An end that waits is durably blocked, in the sense of testing/synctest.
func Pipe() (client, server *Conn) {
	up, down := newStream(), newStream()
	return &Conn{in: down, out: up, local: clientAddr, remote: serverAddr},
		&Conn{in: up, out: down, local: serverAddr, remote: clientAddr}
}

// The addresses are for documentation (RFC 5737): nobody has them.
var (
	clientAddr net.Addr = addr("192.0.2.1:1234")
	serverAddr net.Addr = addr("192.0.2.2:80")
)

type addr string

func (addr) Network() string  { return "memory" }
func (a addr) String() string { return string(a) }

// A Conn is an end of a connection: a net.Conn, with the CloseWrite and SetLinger
// of a *net.TCPConn.
type Conn struct {
	in, out       *stream
	local, remote net.Addr

	mu     sync.Mutex // guards what follows
	resets bool       // Close does not let the peer read to the end
}

func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	if err != nil && err != io.EOF {
		err = c.wrap("read", err)
	}
	return n, err
}

func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	if err != nil {
		err = c.wrap("write", err)
	}
	return n, err
}

// Close closes both directions. It may be called again.
func (c *Conn) Close() error {
	c.mu.Lock()
	resets := c.resets
	c.mu.Unlock()
	c.in.stopReading()
	if resets {
		c.out.stopWriting(syscall.ECONNRESET)
	} else {
		c.out.stopWriting(nil)
	}
	return nil
}

// CloseWrite ends what the peer reads, and leaves the other direction open.
func (c *Conn) CloseWrite() error {
	c.out.stopWriting(nil)
	return nil
}

// SetLinger makes Close reset the connection if sec is 0: the peer reads what has
// arrived, as on Linux, and then its reads fail.
func (c *Conn) SetLinger(sec int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resets = sec == 0
	return nil
}

func (c *Conn) LocalAddr() net.Addr  { return c.local }
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

func (c *Conn) SetDeadline(t time.Time) error {
	c.in.setReadDeadline(t)
	c.out.setWriteDeadline(t)
	return nil
}

func (c *Conn) SetReadDeadline(t time.Time) error  { c.in.setReadDeadline(t); return nil }
func (c *Conn) SetWriteDeadline(t time.Time) error { c.out.setWriteDeadline(t); return nil }

func (c *Conn) wrap(op string, err error) error {
	return &net.OpError{Op: op, Net: "memory", Source: c.local, Addr: c.remote, Err: err}
}

// A stream is one direction of a connection.
type stream struct {
	mu      sync.Mutex // guards what follows
	changed sync.Cond  // something of it
	buffer  []byte     // written and not yet read
	unread  int        // where the unread part of it begins

	writerGone bool  // no more will be written
	writersErr error // what the reader gets then, behind the buffer; nil for io.EOF
	readerGone bool
	lost       bool // a write since then

	readDeadline, writeDeadline deadline
}

// size is how much a stream buffers: about what a socket does.
const size = 64 << 10

func newStream() *stream {
	s := new(stream)
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readerGone:
			return 0, net.ErrClosed
		case s.readDeadline.over():
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.unread < len(s.buffer):
			n := copy(p, s.buffer[s.unread:])
			if s.unread += n; s.unread == len(s.buffer) {
				s.buffer, s.unread = s.buffer[:0], 0
			}
			s.changed.Broadcast()
			return n, nil
		case s.writersErr != nil:
			return 0, s.writersErr
		case s.writerGone:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.writerGone:
			return n, net.ErrClosed
		case s.writeDeadline.over():
			return n, os.ErrDeadlineExceeded
		case s.readerGone && s.lost:
			return n, syscall.EPIPE
		case s.readerGone:
			// A network takes one more write before it knows. So a client that still
			// sends when the server has answered and closed gets to read the answer.
			s.lost = true
			return n + len(p), nil
		}
		if room := size - (len(s.buffer) - s.unread); room > 0 && len(p) > 0 {
			if s.unread > 0 && len(s.buffer)+min(room, len(p)) > cap(s.buffer) {
				s.buffer = append(s.buffer[:0], s.buffer[s.unread:]...)
				s.unread = 0
			}
			some := p[:min(room, len(p))]
			s.buffer = append(s.buffer, some...)
			p, n = p[len(some):], n+len(some)
			s.changed.Broadcast()
		}
		if len(p) == 0 {
			return n, nil
		}
		s.changed.Wait()
	}
}

func (s *stream) stopReading() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readerGone = true
	s.readDeadline.set(time.Time{}, nil)
	s.changed.Broadcast()
}

func (s *stream) stopWriting(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writerGone {
		return
	}
	s.writerGone, s.writersErr = true, err
	s.writeDeadline.set(time.Time{}, nil)
	s.changed.Broadcast()
}

func (s *stream) setReadDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.readerGone {
		s.readDeadline.set(t, s.wake)
	}
	s.changed.Broadcast()
}

func (s *stream) setWriteDeadline(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.writerGone {
		s.writeDeadline.set(t, s.wake)
	}
	s.changed.Broadcast()
}

func (s *stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed.Broadcast()
}

// A deadline is a time after which calls fail. The zero deadline is never over.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) over() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// set changes the deadline. wake is called when it is over.
func (d *deadline) set(at time.Time, wake func()) {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.at = at
	if left := time.Until(at); !at.IsZero() && left > 0 {
		d.timer = time.AfterFunc(left, wake)
	}
}
