// Githubprofile serves the page GitHub Profile Viewer.
//
//	go run ./examples/githubprofile
//
// Without flags it needs no network, because a fake GitHub in the program answers. This package configures the
// program, and it is the only one that knows of scope. It decides where requests for api.github.com go. The page and
// the client know nothing of that.
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

	"github.com/scopetree/scope/httpx"
)

func main() {
	httpx.Install()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx is done and returns the exit code: 0 after a shutdown or -h, 2 for wrong arguments, 1 for any
// other error.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseOptions(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "githubprofile: %v\nRun with -h for help.\n", err)
		return 2
	}
	if err := serve(ctx, opts, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "githubprofile: %v\n", err)
		return 1
	}
	return 0
}
