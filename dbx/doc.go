// Package dbx gives each scope its own database, while the program keeps its
// one global *sql.DB.
//
//	var db, _ = dbx.Open("pgx", os.Getenv("DATABASE_URL")) // in the program: the one line that changes
//
//	func TestSignup(t *testing.T) {
//		t.Parallel()
//		scopetest.With(t, dbx.Route(db, pgtestdb.New(t, conf, migrations)))
//		signup("ann@example.com") // its queries run on this test's database
//	}
//
// [Open], [OpenDB] and [Register] do what the functions of the same names in
// package sql do. The *sql.DB that they make asks the scope at the first use of
// a connection after it has left the pool, and uses a connection of the database
// that the scope's [Route] names. Without a route it uses its own.
//
// # Which scope counts
//
// The scope is that of the context that the first operation on the connection
// is called with, or else of the goroutine that calls it. A connection keeps
// its database until it goes back to the pool: for one query and its rows, for
// a transaction, or for as long as the program holds a *sql.Conn. The nearest
// scope that routes the database wins. A route leads to the database that it
// names and is not followed further.
//
// If the scope has ended, or has no route and [Unrouted] is [Refuse], the
// operation is an error, and nothing is sent. The error names the statement's
// first words, and never a value:
//
//	dbx: SELECT name FROM users: scope "TestSignup" has ended
//
// errors.Is finds [scope.ErrEnded] and [ErrRefused] in it.
//
// When a scope ends while a query, its rows or a transaction is open on a
// database that it routed to, their context is cancelled. Each operation that
// follows is such an error, except Rollback and Close, which give the connection
// back. Commit rolls back, and is such an error too. Whether open rows can still
// be read is up to the driver, which may have them already. So close the database
// that the scope routes to after the end of the scope, or after the last operation
// in it.
//
// # What stays as it is
//
// Everything that database/sql does with a driver, it does with the same driver
// through this package: transactions, prepared statements, several result sets,
// the types of columns, session state on a *sql.Conn, retries on connections
// that went bad. SetMaxOpenConns and its like limit the program's own
// connections as before. A routed connection counts in both pools, and waits for
// a place in both.
//
// # Limits
//
// The connection that [sql.Conn.Raw] passes to its function is one of this
// package's. [Raw] passes the driver's.
//
// A connection to the server is opened at its first use. So [sql.DB.Conn]
// succeeds when the server is down, and the operation that follows fails.
//
// [sql.DB.Driver] returns a driver of this package's.
//
// A statement that is prepared once and used in many scopes is prepared again
// for each use on a routed database.
package dbx
