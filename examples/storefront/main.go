// Storefront serves a small shop: an HTTP API and a page.
//
//	cd examples/storefront && go run .
//
// Without flags it needs no network and no database: the services that it calls are embedded in the program, and
// SQLite keeps the shop in memory.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx is done and returns the exit code: 0 after a shutdown or -h, 2 for wrong arguments, 1 for
// any other error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseOptions(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "storefront: %v\nRun with -h for help.\n", err)
		return 2
	}
	if err := serve(ctx, opts, stdout); err != nil {
		fmt.Fprintf(stderr, "storefront: %v\n", err)
		return 1
	}
	return 0
}
