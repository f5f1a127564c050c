package main

import (
	"net/http"
	"sync/atomic"
)

// A meeting holds the requests that come to its handlers until all expected requests are there. So all of them are
// under way at once, on every run.
type meeting struct {
	expected int64
	arrived  atomic.Int64
	all      chan struct{} // closed when all requests are there
}

func newMeeting(expected int) *meeting {
	m := &meeting{expected: int64(expected), all: make(chan struct{})}
	if expected == 0 {
		close(m.all)
	}
	return m
}

// hold returns a handler that waits for the others before it calls next.
func (m *meeting) hold(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m.arrived.Add(1) == m.expected {
			close(m.all)
		}
		select {
		case <-m.all:
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}
