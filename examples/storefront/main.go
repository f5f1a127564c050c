// Storefront is a small shop: a page and a JSON API over a database, with a payment
// provider, a parcel service and a mailer.
//
//	go run .
//
// Without flags it needs no network: the providers are inside the program, and the
// database is in memory.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/scopetree/scope/examples/storefront/shop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until ctx is done and returns the exit code: 0 after a shutdown or -h, 2
// for wrong arguments, 1 for whatever else went wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseOptions(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "storefront: %v\nRun with -h for help.\n", err)
		return 2
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(stderr, nil)))
	if err := serve(ctx, opts, stdout); err != nil {
		fmt.Fprintf(stderr, "storefront: %v\n", err)
		return 1
	}
	return 0
}

const help = `Storefront is a small shop: a page and a JSON API.

Usage:

	go run . [flags]

By default the payment provider, the parcel service and the mailer are inside the
program, and no network is needed. With -fakes=false it asks the providers that
PAYMENTS_URL, SHIPPING_URL and MAIL_URL name. Other settings are environment
variables too: README.md lists them.

Flags:

`

type options struct {
	addr     string
	database string
	fakes    bool
}

// parseOptions returns flag.ErrHelp after it wrote the text for -h to stdout.
func parseOptions(args []string, stdout io.Writer) (opts options, err error) {
	flags := flag.NewFlagSet("storefront", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run prints the error
	flags.StringVar(&opts.addr, "addr", "127.0.0.1:8080", "listen on this `host:port`; port 0 picks a free one")
	flags.StringVar(&opts.database, "database", ":memory:", "the SQLite `file`, or a URL that begins with postgres://")
	flags.BoolVar(&opts.fakes, "fakes", true, "use the providers inside the program")
	flags.Usage = func() {}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return opts, err
	case err != nil:
		return opts, err
	case flags.NArg() > 0:
		return opts, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case opts.addr == "":
		return opts, errors.New(`-addr "": want host:port, such as 127.0.0.1:8080`)
	case opts.database == "":
		return opts, errors.New(`-database "": want a file, :memory:, or postgres://…`)
	}
	return opts, nil
}

// open opens the database, and adds products if it has none.
func open(ctx context.Context, name string) error {
	db, err := shop.Open(ctx, name)
	if err != nil {
		return err
	}
	shop.DB = db
	return shop.AddProducts(ctx, db, shop.Sample...)
}
