package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

const help = `Preview shows two previews of one shop at once, through services that both share.

Usage:

	go run ./examples/preview [flags]

It needs no network, and ends by itself: with 0 if every client got what it should, else with 1.

Flags:

`

// options are the flags of the command line.
type options struct {
	previews int
	verbose  bool
}

// parseOptions returns flag.ErrHelp after it wrote the text for -h to stdout.
func parseOptions(args []string, stdout io.Writer) (opts options, err error) {
	flags := flag.NewFlagSet("preview", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run prints the error
	flags.IntVar(&opts.previews, "n", 2, "show this `number` of previews, 1 to 200")
	flags.BoolVar(&opts.verbose, "v", false, "print every hop")
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
	case opts.previews < 1 || opts.previews > 200:
		return opts, fmt.Errorf("-n %d: want 1 to 200", opts.previews)
	}
	return opts, nil
}
