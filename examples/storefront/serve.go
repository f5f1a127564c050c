package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/scopetree/scope/examples/storefront/fakes"
	"github.com/scopetree/scope/examples/storefront/shop"
)

// shutdownTimeout bounds how long requests under way may take to finish.
const shutdownTimeout = 5 * time.Second

// serve runs the shop, and its providers if opts asks for them, until ctx is done.
func serve(ctx context.Context, opts options, stdout io.Writer) error {
	failed := make(chan error, 2) // one for each server, so that neither waits for a reader
	if opts.fakes {
		providers, err := start("127.0.0.1:0", fakes.New(slog.Default()), failed)
		if err != nil {
			return err
		}
		defer providers.stop()
		for name, path := range map[string]string{"PAYMENTS_URL": "/payments", "SHIPPING_URL": "/shipping", "MAIL_URL": "/mail"} {
			os.Setenv(name, providers.url+path)
		}
	}
	if err := open(ctx, opts.database); err != nil {
		return err
	}
	defer shop.DB.Close()

	front, err := start(opts.addr, shop.Handler(), failed)
	if err != nil {
		return err
	}
	defer front.stop() // runs before the providers stop: the last orders still get their answers
	fmt.Fprintf(stdout, "listening on %s\n", front.url)

	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

// A server is a handler that answers at url.
type server struct {
	url  string
	http *http.Server
}

// start returns once connections to addr are accepted. What ends the server later
// goes to failed.
func start(addr string, h http.Handler, failed chan<- error) (*server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      time.Minute, // longer than an order waits for its providers
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	go func() { failed <- srv.Serve(listener) }()
	return &server{url: "http://" + listener.Addr().String(), http: srv}, nil
}

// stop lets requests under way finish, for shutdownTimeout, and then closes what is
// left.
func (s *server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		_ = s.http.Close()
	}
}
