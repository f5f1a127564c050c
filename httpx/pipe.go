package httpx

import (
	"io"
	"sync"
)

// A pipe carries an answer's body from the handler to the client. Like a
// connection it takes some bytes in advance, and then makes the writer wait.
type pipe struct {
	mu     sync.Mutex // guards what follows
	cond   sync.Cond  // something below has changed
	data   []byte     // flushed, not yet read
	done   bool       // the writer is done
	err    error      // what the reader gets after data; io.EOF for a whole body
	broken error      // the client has gone: what both sides get at once
	cancel func()     // tells the handler so

	atEOF func() // called once before the reader is given io.EOF
}

// inAdvance is how many bytes a pipe takes before the reader has read any.
const inAdvance = 64 << 10

// write hands p to the reader. It waits while the pipe is full.
func (p *pipe) write(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.data) >= inAdvance && p.broken == nil {
		p.cond.Wait()
	}
	if p.broken != nil {
		return p.broken
	}
	p.data = append(p.data, b...)
	p.cond.Broadcast()
	return nil
}

// finish says that no more will be written, and with which error reading ends.
func (p *pipe) finish(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.err = true, err
	p.cond.Broadcast()
}

// finished says whether the handler is done, or the client gone.
func (p *pipe) finished() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done || p.broken != nil
}

// abort breaks the pipe off for both sides.
func (p *pipe) abort(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return
	}
	p.broken = err
	if p.cancel != nil {
		p.cancel()
	}
	p.cond.Broadcast()
}

// onAbort has cancel called when the pipe breaks, or now if it has.
func (p *pipe) onAbort(cancel func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel = cancel; p.broken != nil {
		cancel()
	}
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.data) == 0 && !p.done && p.broken == nil {
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
	if p.err == io.EOF && p.atEOF != nil {
		p.atEOF()
		p.atEOF = nil
	}
	return 0, p.err
}
