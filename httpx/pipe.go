package httpx

import (
	"io"
	"net/http"
	"sync"
)

// A pipe carries an answer's body from the handler to the client. Like a
// connection it takes some bytes in advance, and then makes the writer wait.
type pipe struct {
	cancel func() // tells the handler that the pipe is broken

	mu     sync.Mutex // guards what follows
	cond   sync.Cond  // something below has changed
	data   []byte     // flushed, not yet read
	end    error      // what the reader gets after data; nil while more may come
	broken error      // one side has gone: what both get at once

	atEOF func() // called once before the reader is given io.EOF
}

// inAdvance is how many bytes a pipe takes before the reader has read any.
const inAdvance = 64 << 10

// write hands b to the reader, who keeps it. It waits while the pipe is full.
func (p *pipe) write(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(b) > 0 && len(p.data) >= inAdvance && p.broken == nil {
		p.cond.Wait()
	}
	switch {
	case p.broken != nil:
		return p.broken
	case p.end != nil && len(b) > 0:
		return io.ErrClosedPipe
	}
	switch {
	case len(b) == 0:
		return nil
	case len(p.data) == 0:
		p.data = b
	default:
		p.data = append(p.data, b...)
	}
	p.cond.Broadcast()
	return nil
}

// finish says that no more will be written, and with which error reading ends.
// The first call counts.
func (p *pipe) finish(err error, atEOF func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end != nil {
		return
	}
	p.end, p.atEOF = err, atEOF
	p.cond.Broadcast()
}

// abort breaks the pipe off for both sides.
func (p *pipe) abort(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return
	}
	p.broken = err
	p.cancel()
	p.cond.Broadcast()
}

// close says that the reader reads no more. whole is true where it has had all:
// then the handler, should it still run, has nothing to be told.
func (p *pipe) close() (whole bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	whole = p.end == io.EOF && len(p.data) == 0
	if whole && p.broken == nil {
		p.broken = http.ErrBodyReadAfterClose
	}
	return whole
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.data) == 0 && p.end == nil && p.broken == nil {
		p.cond.Wait()
	}
	switch {
	case p.broken != nil:
		return 0, p.broken
	case len(p.data) > 0:
		n := copy(b, p.data)
		p.data = p.data[n:]
		p.cond.Broadcast()
		return n, nil
	}
	if p.end == io.EOF && p.atEOF != nil {
		p.atEOF()
		p.atEOF = nil
	}
	return 0, p.end
}
