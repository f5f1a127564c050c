package httpxtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Wait returns nil when n requests have been answered. If ctx is done before, it returns
// an error that says which requests came and which did not, and wraps the cause. After
// [Server.Close] no more requests come: a Wait that can't succeed any more returns at
// once, with an error that wraps [http.ErrServerClosed].
func (s *Server) Wait(ctx context.Context, n int) error {
	err := s.await(ctx, func() (bool, error) {
		answered := s.answeredCount()
		if answered < n && s.ended && answered+s.inFlight < n {
			return false, http.ErrServerClosed
		}
		return answered >= n, nil
	})
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Errorf("httpxtest: %s: waiting for %s, %d answered%s%s: %w",
		s.name, requests(n), s.answeredCount(), s.received(), s.stillMissing(), err)
}

// Wait returns nil once the requests that the expectation needs, and at least one, have
// been answered. So for a [Server.Stub] it waits for the first
// request. If ctx is done before, Wait returns an error that says which requests came and
// which did not, and wraps the cause. It returns an error at once if the expectation
// can't be met: if it allows no request, or after [Server.Close], with an error that
// wraps [http.ErrServerClosed].
func (e *Expectation) Wait(ctx context.Context) error {
	s := e.server
	err := s.await(ctx, func() (bool, error) {
		want := max(e.min, 1)
		switch {
		case e.answered >= want:
			return true, nil
		case e.max == 0:
			return false, errors.New("it allows no request")
		case s.ended && e.answered+s.inFlight < want:
			return false, http.ErrServerClosed
		}
		return false, nil
	})
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Errorf("httpxtest: %s: waiting for %s: %s, %d answered%s: %w",
		s.name, e.place(), e.tally(), e.answered, s.received(), err)
}

// await waits until done returns true or an error, or until ctx is done. s.mu is held
// when it calls done.
func (s *Server) await(ctx context.Context, done func() (bool, error)) error {
	if ctx == nil {
		return errors.New("the context is nil")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer stop()
	for {
		ok, err := done()
		switch {
		case ok || err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		s.changed.Wait()
	}
}

// end tells waiting calls that no more requests come.
func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.changed.Broadcast()
}

// answeredCount returns how many requests were answered. s.mu is held.
func (s *Server) answeredCount() (n int) {
	for _, r := range s.journal {
		if r.answered {
			n++
		}
	}
	return n
}

// mostInLine is the largest number of different requests that an error of one line lists.
const mostInLine = 10

// received lists the requests that came, for an error of one line. s.mu is held.
func (s *Server) received() string {
	if len(s.journal) == 0 {
		return "; nothing came"
	}
	var all lines
	for _, r := range s.journal {
		line := r.line() + ", " + r.taken()
		if !r.answered {
			line += ", not answered yet"
		}
		all.add(line)
	}
	list := all.counted()
	if n := len(list) - mostInLine; n > 0 {
		list = append(list[:mostInLine], fmt.Sprintf("and %d others", n))
	}
	return "; received: " + strings.Join(list, "; ")
}

// stillMissing lists the expectations that are not met, for an error of one line. s.mu is
// held.
func (s *Server) stillMissing() string {
	var list []string
	for _, e := range s.routes {
		if e.missing() {
			list = append(list, e.place()+" "+e.tally())
		}
	}
	if list == nil {
		return ""
	}
	return "; missing: " + strings.Join(list, "; ")
}

func requests(n int) string {
	if n == 1 {
		return "1 request"
	}
	return fmt.Sprintf("%d requests", n)
}
