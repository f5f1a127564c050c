package main

import (
	"context"
	"net"
	"net/http"
	"time"
)

// serve serves h on a free port of this machine, with ctx as the context of all requests. stop lets requests under way
// finish, for a second, and returns when nothing is served any more.
func serve(ctx context.Context, h http.Handler) (host string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{
		Handler:           h,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 5 * time.Second,
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = srv.Serve(listener) // http.ErrServerClosed, or its clients say what went wrong
	}()
	return listener.Addr().String(), func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			_ = srv.Close()
		}
		<-served
	}, nil
}

// A stack is what has to be stopped: what was started last is stopped first, since it calls the others.
type stack []func()

func (s *stack) push(stop func()) { *s = append(*s, stop) }

func (s *stack) stop() {
	for ; len(*s) > 0; *s = (*s)[:len(*s)-1] {
		(*s)[len(*s)-1]()
	}
}
