package boundaries

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"

	"modernc.org/sqlite"

	"github.com/scopetree/scope"
)

// customerWrong is the SQL function customer(). No context reaches it.
func customerWrong(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
	return Customer.Get(), nil
}

// setUpWrong stores the opener's customer in each new connection. No context
// reaches it.
func setUpWrong(conn sqlite.ExecQuerierContext, _ string) error {
	_, err := conn.ExecContext(context.Background(), "CREATE TEMP TABLE session AS SELECT ? AS customer",
		[]driver.NamedValue{{Ordinal: 1, Value: Customer.Get()}})
	return err
}

// register registers a SQLite driver that uses these two functions, once.
var register = sync.OnceFunc(func() {
	d := new(sqlite.Driver)
	d.MustRegisterScalarFunction("customer", 0, customerWrong)
	d.RegisterConnectionHook(setUpWrong)
	sql.Register("sqlite of customers", d)
})

// Open returns a pool of one connection to an empty database in memory.
func Open() *sql.DB {
	register()
	db, err := sql.Open("sqlite of customers", ":memory:")
	if err != nil {
		panic(err) // only for a driver that is not registered
	}
	db.SetMaxOpenConns(1)
	return db
}

// Databases gives each test a pool of its own, which is closed when the test
// ends.
var Databases = scope.NewResource(Open, func(db *sql.DB) { db.Close() })
