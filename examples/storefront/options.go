package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strings"
)

const help = `Storefront serves a small shop: an HTTP API and a page.

Usage, in examples/storefront:

	go run . [flags]

By default it needs no network and no database. Flags:

`

const environment = `
The environment:

  PAYMENTS_URL, SHIPPING_URL, MAIL_URL
    	where the services are; unset, embedded fakes answer, or with -fakes=false
    	https://api.payments.example, https://api.shipping.example and https://mail.example
  PAYMENTS_KEY, WEBHOOK_SECRET
    	what the shop and the payments service know of each other
  SHOP_NAME, SHOP_CURRENCY, SHOP_CLOSED, MAIL_FROM
    	"Tide & Lantern", EUR, false and orders@shop.example unless set
  SHIPPING_FEE, FREE_SHIPPING_FROM
    	in cents: 490, and never, unless set
  SERVICE_TIMEOUT, RETRY_PAUSE
    	of the calls to the services: 5s and 100ms unless set
`

// options are the flags of the command line.
type options struct {
	addr     string // where the shop listens
	database string // passed to shop.Open
	fakes    bool   // embed a fake of each service without a URL in the environment
}

// parseOptions returns flag.ErrHelp after it wrote the text for -h to stdout.
func parseOptions(args []string, stdout io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("storefront", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run prints the error
	flags.StringVar(&opts.addr, "addr", "127.0.0.1:8080", "listen on this `host:port`; port 0 picks a free one")
	flags.StringVar(&opts.database, "database", ":memory:", "a SQLite `file`, or a postgres:// URL; :memory: is gone at the end")
	flags.BoolVar(&opts.fakes, "fakes", true, "answer for the services that the environment gives no URL")
	flags.Usage = func() {}

	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, help)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		fmt.Fprint(stdout, environment)
		return options{}, err
	case err != nil:
		return options{}, err
	case flags.NArg() > 0:
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case opts.addr == "": // net.Listen would listen on any address and any port
		return options{}, errors.New(`-addr "": want host:port, such as 127.0.0.1:8080`)
	}
	return opts, checkDatabase(opts.database)
}

// checkDatabase rejects values that would become a file with an odd name. Its errors don't show a URL, which may
// have a password.
func checkDatabase(database string) error {
	scheme, _, isURL := strings.Cut(database, "://")
	switch {
	case database == "":
		return errors.New(`-database "": want a file, :memory: or a postgres:// URL`)
	case isURL && scheme != "postgres" && scheme != "postgresql":
		return fmt.Errorf("-database %s://…: want a file, :memory: or a postgres:// URL", scheme)
	case !isURL && strings.Contains(database, "?"):
		return fmt.Errorf("-database %q: want a file name without a question mark", database)
	}
	if _, err := url.Parse(database); isURL && err != nil {
		return fmt.Errorf("-database %s://…: not a URL", scheme)
	}
	return nil
}
