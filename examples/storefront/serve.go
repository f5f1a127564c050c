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

// serve runs the shop, and the embedded fakes if opts asks for them, until ctx is done.
func serve(ctx context.Context, opts options, stdout io.Writer) (err error) {
	if err := shop.CheckConfig(); err != nil {
		return err
	}
	if err := shop.Open(opts.database); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer func() { err = errors.Join(err, shop.DB.Close()) }()
	if err := shop.Migrate(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	failed := make(chan error, 4) // one for each server, so that none waits for a reader
	if opts.fakes {
		stop, err := embed(failed)
		defer stop()
		if err != nil {
			return err
		}
	}
	page, err := start(opts.addr, shop.New(), failed)
	if err != nil {
		return err
	}
	defer page.stop() // runs before the fakes stop: the last orders still get their answers
	fmt.Fprintf(stdout, "listening on %s\n", page.url)

	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

// embed starts a fake of each service that has no URL in the environment, and sets the variable to the
// fake's URL.
func embed(failed chan<- error) (stop func(), err error) {
	var started []*server
	stop = func() {
		for _, s := range started {
			s.stop()
		}
	}
	for _, service := range []struct {
		variable string
		handler  http.Handler
	}{
		{"PAYMENTS_URL", fakes.Payments()},
		{"SHIPPING_URL", fakes.Shipping()},
		{"MAIL_URL", fakes.Mail()},
	} {
		if os.Getenv(service.variable) != "" {
			continue
		}
		s, err := start("127.0.0.1:0", service.handler, failed)
		if err != nil {
			return stop, err
		}
		started = append(started, s)
		if err := os.Setenv(service.variable, s.url); err != nil {
			return stop, err
		}
		slog.Info("an embedded fake answers", "variable", service.variable, "url", s.url)
	}
	return stop, nil
}

// A server is a handler that answers at url.
type server struct {
	url  string
	http *http.Server
}

// start starts a server at addr and returns once it accepts connections. If the server fails later,
// failed gets the error.
func start(addr string, h http.Handler, failed chan<- error) (*server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      2 * time.Minute, // longer than an order waits for the services
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	go func() { failed <- srv.Serve(listener) }()
	return &server{url: "http://" + listener.Addr().String(), http: srv}, nil
}

// stop lets requests under way finish, for shutdownTimeout, and then closes what is left.
func (s *server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		_ = s.http.Close()
	}
}
