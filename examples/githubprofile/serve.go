package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/scopetree/scope/examples/githubprofile/fakegithub"
	"github.com/scopetree/scope/examples/githubprofile/github"
	"github.com/scopetree/scope/examples/githubprofile/profile"
	"github.com/scopetree/scope/httpx"
)

// shutdownTimeout bounds how long requests under way may take to finish.
const shutdownTimeout = 5 * time.Second

// serve runs the page, and the fake GitHub if opts asks for it, until ctx is done.
func serve(ctx context.Context, opts options, stdout, stderr io.Writer) error {
	log := slog.New(slog.NewTextHandler(stderr, nil))
	failed := make(chan error, 2) // one for each server, so that neither waits for a reader

	target := opts.github
	if target == "" {
		fake, err := start("127.0.0.1:0", fakegithub.New(), log, failed)
		if err != nil {
			return err
		}
		defer fake.stop()
		target = fake.url
		log.Info("the embedded fake GitHub answers", "url", fake.url, "users", strings.Join(fakegithub.Logins(), ","))
	}
	if target != github.BaseURL {
		httpx.BaseURL.SetDefault(target)
	}

	page, err := start(opts.addr, &profile.Handler{Log: log}, log, failed)
	if err != nil {
		return err
	}
	defer page.stop() // runs before fake.stop: the last pages still get their answers
	fmt.Fprintf(stdout, "listening on %s\n", page.url)

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

// start starts a server at addr and returns once it accepts connections. If the server fails
// later, failed gets the error.
func start(addr string, h http.Handler, log *slog.Logger, failed chan<- error) (*server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second, // longer than a page waits for GitHub
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
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
