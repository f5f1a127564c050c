// Preview shows two previews of one shop at once, through services that both share.
//
//	go run ./examples/preview
//
// A gateway, a service for orders and one for payments run on this machine, each with a socket and a configuration of
// its own. The clients ask the gateway for the same order at the same time. Two of them show a preview. Each of the two
// has a fake of its own for payments, and the service for orders calls it, two hops away from the client. A third
// client has no preview, and a fourth has forged its token.
//
// Package shop has the services, and knows nothing of previews. The file staging.go adds the previews to them.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/scopetree/scope/propagation"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 if the clients got what they should and after -h, 2 for wrong arguments, 1 for any other
// error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseOptions(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "preview: %v\nRun with -h for help.\n", err)
		return 2
	}
	if err := show(ctx, opts, stdout); err != nil {
		fmt.Fprintf(stderr, "preview: %v\n", err)
		return 1
	}
	return 0
}

// timeout ends a run that hangs. A run that works takes a fraction of it.
const timeout = 10 * time.Second

// show prints what the clients got, and returns an error if that is not what they should have got.
func show(ctx context.Context, opts options, stdout io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	hops := log.New(io.Discard, "", 0)
	if opts.verbose {
		hops.SetOutput(stdout)
	}
	secret := newSecret()
	clients := cast(opts.previews, secret, newSecret())
	got, err := visit(ctx, secret, clients, hops)
	if err != nil {
		return err
	}
	if opts.verbose {
		fmt.Fprintln(stdout)
	}
	if err := printTable(stdout, clients, got); err != nil {
		return err
	}
	if err := check(clients, got); err != nil {
		return err
	}
	_, err = fmt.Fprint(stdout, "\nLook at the last column: all asked one gateway for one order at once, and each preview paid its own fake.\n")
	return err
}

// newSecret returns a new random secret. All secrets have the same id, because a forger would copy it.
func newSecret() propagation.Secret {
	key := make([]byte, propagation.MinKey)
	rand.Read(key) // never fails (see its documentation)
	return propagation.NewSecret("2026-11", key)
}
