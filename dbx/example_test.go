package dbx_test

import (
	"context"
	"fmt"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

// The program opens its database with this package. A scope replaces it, for
// code that knows of neither.
func ExampleRoute() {
	db := dbx.OpenDB(newServer("production"))
	defer db.Close()
	to := dbx.OpenDB(newServer("test"))
	defer to.Close()

	greet := func() {
		var name string
		if err := db.QueryRow("SELECT name").Scan(&name); err != nil {
			fmt.Println(err)
		}
		fmt.Println("from", name)
	}
	greet()
	ctx := scope.With(context.Background(), dbx.Route(db, to))
	scope.Run(ctx, func(context.Context) { greet() }) // in a test, scopetest.With(t, dbx.Route(db, to))
	greet()
	// Output:
	// from production[]
	// from test[]
	// from production[]
}

// A test that forgot its database gets an error, and nothing is sent.
func ExampleUnrouted() {
	db := dbx.OpenDB(newServer("production"))
	defer db.Close()

	ctx, end := scope.New(context.Background(), "TestSignup")
	defer end()
	ctx = scope.With(ctx, dbx.Unrouted.Bind(dbx.Refuse)) // in TestMain, dbx.Unrouted.SetDefault(dbx.Refuse)
	_, err := db.ExecContext(ctx, "INSERT INTO users VALUES ('ann@example.com')")
	fmt.Println(err)
	// Output: dbx: INSERT INTO users: refused: no route for the database of driver dbx_test.fakeDriver in scope "TestSignup", and dbx.Unrouted is Refuse: bind dbx.Route(db, to)
}
