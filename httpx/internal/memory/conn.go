// Package memory has network connections inside this process, without sockets.
package memory

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Pipe returns the two ends of a connection. It behaves like a TCP connection:
//
//   - A write is buffered until the peer reads it, and waits while the buffer is full.
//   - A deadline also ends calls that are waiting when it is set.
//   - After an end is closed, its peer reads the buffered data and then io.EOF. The
//     peer's first write is lost, and later ones fail.
//
// Each end may be used by many goroutines. A waiting end is durably blocked, in the
// sense of testing/synctest.
func Pipe() (client, server *Conn) {
	up, down := newStream(), newStream()
	return &Conn{in: down, out: up, local: clientAddr, remote: serverAddr},
		&Conn{in: up, out: down, local: serverAddr, remote: clientAddr}
}

// The addresses are reserved for documentation (RFC 5737), so no machine has them.
var (
	clientAddr net.Addr = addr("192.0.2.1:1234")
	serverAddr net.Addr = addr("192.0.2.2:80")
)

type addr string

func (addr) Network() string  { return "memory" }
func (a addr) String() string { return string(a) }

// A Conn is an end of a connection. It is a net.Conn with the methods CloseWrite and
// SetLinger of a *net.TCPConn.
type Conn struct {
	in, out       *stream
	local, remote net.Addr

	mu     sync.Mutex // guards resets
	resets bool       // Close resets the connection
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

// CloseWrite closes the direction to the peer, and leaves the other one open.
func (c *Conn) CloseWrite() error {
	c.out.stopWriting(nil)
	return nil
}

// SetLinger makes Close reset the connection if sec is 0. As on Linux, the peer reads
// the data that has arrived, and then its reads fail.
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
	mu      sync.Mutex // guards the fields below
	changed sync.Cond  // signals that a field has changed
	buffer  []byte     // data that is written and not yet read
	unread  int        // index in buffer of the first unread byte

	writerGone bool  // no more will be written
	writersErr error // the reader's error then, after the buffered data; nil for io.EOF
	readerGone bool
	lost       bool // a write was lost since readerGone

	readDeadline, writeDeadline deadline
}

// size is how many bytes a stream buffers, about as many as a socket.
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
			// A network accepts one more write before it reports the close. So a client
			// that still sends after the server has answered and closed can read the
			// answer.
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

// set changes the deadline to at. wake is called when the deadline passes.
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
