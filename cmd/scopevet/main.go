// Command scopevet finds uses of package scope that compile but do not do what they seem
// to. Package scopecheck has the checks.
//
//	scopevet ./...                          # on its own
//	go vet -vettool=$(which scopevet) ./... # cached, as go vet is
//	scopevet -fix -diff ./...               # what the fixes would change
//	scopevet help lostctx                   # what a check wants, wrong and right
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/scopetree/scope/cmd/scopevet/scopecheck"
)

func main() {
	checks := scopecheck.Analyzers()
	if asksForParallel(os.Args[1:]) {
		checks = append(checks, scopecheck.Parallel)
	}
	if len(os.Args) == 1 || len(os.Args) == 2 && os.Args[1] == "help" {
		usage(os.Stdout, checks)
		if len(os.Args) == 1 {
			os.Exit(2)
		}
		return
	}
	multichecker.Main(checks...) // also handles the calls by go vet
}

// asksForParallel reports whether the arguments name the check parallel, or ask for the
// list of flags. go vet asks for that list with -flags, and then passes its user's flags
// on.
func asksForParallel(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return name == "parallel" || arg == "-flags" || arg == "-h" || arg == "-help" || arg == "--help"
	})
}

// usage prints the general help. Package multichecker prints the help of one check.
func usage(w io.Writer, checks []*analysis.Analyzer) {
	fmt.Fprint(w, `Scopevet finds uses of github.com/scopetree/scope that compile and do not do what
they seem to.

Usage:

	scopevet [flags] ./...
	go vet -vettool=$(which scopevet) [flags] ./...

Checks:

`)
	for _, a := range checks {
		title, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(w, "\t%-10s %s\n", a.Name, title)
	}
	title, _, _ := strings.Cut(scopecheck.Parallel.Doc, "\n")
	fmt.Fprintf(w, "\nOnly where asked for, with -parallel:\n\n\t%-10s %s\n", scopecheck.Parallel.Name, title)
	fmt.Fprint(w, `
Flags:

	-NAME        run this check only; -NAME=false leaves it out
	-fix         apply the suggested fixes; with -diff print them instead
	-json        print findings and fixes as JSON
	-test=false  leave test files out; of no effect under go vet

'scopevet help NAME' says what a check wants, with examples, and 'scopevet -h'
lists all flags. A comment ignores the findings of its line, or of the next line
where it stands alone, and of the whole of a statement that begins there:

	//scopevet:ignore REASON
`)
}
