package sql_test

import (
	"context"
	"database/sql"
	"fmt"

	_ "modernc.org/sqlite"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

// Each of two scopes has a SQLite database in memory, behind one *sql.DB. The
// program's own database is never opened.
func Example() {
	db, err := dbx.Open("sqlite", "/no/such/directory/production.db")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	greet := func() {
		var name string
		if err := db.QueryRow("SELECT name FROM users").Scan(&name); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("hello,", name)
	}
	for _, name := range []string{"ann", "bob"} {
		to, err := sql.Open("sqlite", ":memory:")
		if err != nil {
			fmt.Println(err)
			return
		}
		to.SetMaxOpenConns(1) // the database lives as long as its one connection
		defer to.Close()
		if _, err := to.Exec("CREATE TABLE users (name TEXT); INSERT INTO users VALUES (?)", name); err != nil {
			fmt.Println(err)
			return
		}
		ctx := scope.With(context.Background(), dbx.Route(db, to))
		scope.Run(ctx, func(context.Context) { greet() })
	}
	// Output:
	// hello, ann
	// hello, bob
}
