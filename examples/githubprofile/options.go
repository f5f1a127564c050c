package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/scopetree/scope/examples/githubprofile/fakegithub"
	"github.com/scopetree/scope/examples/githubprofile/github"
)

const help = `Githubprofile serves the page GitHub Profile Viewer.

Usage:

	go run ./examples/githubprofile [flags]

By default the answers come from a fake GitHub inside the program, and no network is needed. It knows the users
%s.

Flags:

`

// options are the flags of the command line.
type options struct {
	addr   string // where the page listens
	github string // the URL of the GitHub to ask; empty for the embedded fake
}

// parseOptions returns flag.ErrHelp after it wrote the text for -h to stdout.
func parseOptions(args []string, stdout io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("githubprofile", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run prints the error
	flags.StringVar(&opts.addr, "addr", "127.0.0.1:8080", "listen on this `host:port`; port 0 picks a free one")
	flags.StringVar(&opts.github, "github", "",
		"ask the GitHub at this `URL`, such as "+github.BaseURL+" for the real one (default: the embedded fake)")
	flags.Usage = func() {}

	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stdout, help, strings.Join(fakegithub.Logins(), ", "))
		flags.SetOutput(stdout)
		flags.PrintDefaults()
		return options{}, err
	case err != nil:
		return options{}, err
	case flags.NArg() > 0:
		return options{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if opts.addr == "" { // net.Listen would listen on any address and any port
		return options{}, errors.New(`-addr "": want host:port, such as 127.0.0.1:8080`)
	}
	if opts.github != "" {
		if err := checkTarget(opts.github); err != nil {
			return options{}, fmt.Errorf("-github %q: %w", hideUser(opts.github), err)
		}
		opts.github = strings.TrimSuffix(opts.github, "/")
	}
	return opts, nil
}

// checkTarget accepts an absolute http or https URL that paths can be added to.
func checkTarget(target string) error {
	u, err := url.Parse(target)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return fmt.Errorf("want an absolute http or https URL, such as %s", github.BaseURL)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("want a URL without user, query and fragment")
	}
	return nil
}

// hideUser removes the part of a URL that may hold a password. It also works if
// the URL does not parse.
func hideUser(target string) string {
	at := strings.LastIndex(target, "@")
	if at < 0 {
		return target
	}
	scheme, _, ok := strings.Cut(target[:at], "://")
	if !ok {
		return "…" + target[at:]
	}
	return scheme + "://…" + target[at:]
}
