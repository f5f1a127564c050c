package main

import (
	"context"
	"net"
	"net/http"
	"time"
)

// serve serves h on a free port of this machine, with ctx as the context of all requests. stop gives requests under
// way a second to finish, and returns when the server has ended.
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
		_ = srv.Serve(listener) // http.ErrServerClosed after stop; after any other error, the clients report it
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

// A stack has the functions that stop the services. The last service to start stops first, since it calls the others.
type stack []func()

func (s *stack) push(stop func()) { *s = append(*s, stop) }

func (s *stack) stop() {
	for ; len(*s) > 0; *s = (*s)[:len(*s)-1] {
		(*s)[len(*s)-1]()
	}
}
