package main_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
)

var (
	onPostgres = flag.Bool("postgres", false, "give the tests PostgreSQL databases in place of SQLite's")
	update     = flag.Bool("update", false, "write the pictures anew")
)

// TestMain sets the few things that belong to the whole process.
func TestMain(m *testing.M) {
	flag.Parse()
	shop.Getenv = env.Getenv            // the environment asks the scope
	dbx.Unrouted.SetDefault(dbx.Refuse) // no test uses the program's database
	// Nothing ever connects to this database. It is not :memory:, because the program limits that to one
	// connection, and the connections of the tests' own databases would count, too.
	if err := shop.Open("nobodys.db"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	code := httpxtest.Run(m) // and no request leaves this machine

	err := errors.Join(shop.DB.Close(), stopChromium(), postgres.stop(), writeTimes(), goleak.Find())
	if err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
