package boundaries

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/scopetest"
)

// one returns the value that a query of one row and one column finds.
func one(t *testing.T, ctx context.Context, db *sql.DB, query string, args ...any) (v string) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(ctx, query, args...).Scan(&v))
	return v
}

func TestAQuerysContextDoesNotReachTheDriversFunctions(t *testing.T) {
	t.Parallel()
	ada, _, _ := adaAndGrace(t)
	db := Open()
	defer db.Close()

	assert.Equal(t, "nobody", one(t, ada, db, "SELECT customer()")) // the context says ada

	assert.Equal(t, "ada", one(t, ada, db, "SELECT ?", scope.Get(ada, Customer))) // read before the call

	bound := as(ada, func() string { return one(t, t.Context(), db, "SELECT customer()") })
	assert.Equal(t, "ada", bound, "this driver calls it on the goroutine that asks")
}

func TestAConnectionStaysItsOpeners(t *testing.T) {
	t.Parallel()
	ada, grace, _ := adaAndGrace(t)
	db := Open()
	defer db.Close()

	session := func() string { return one(t, t.Context(), db, "SELECT customer FROM session") }
	assert.Equal(t, "ada", as(ada, session))
	assert.Equal(t, "ada", as(grace, session)) // on the connection that Ada's query has opened
}

// Grace waits for Ada's connection. When that connection breaks, the pool opens
// the next one, on the goroutine that sql.Open started.
func TestAPoolOpensConnectionsInTheScopeOfWhoMadeIt(t *testing.T) {
	t.Parallel()
	want := "nobody"
	if scope.Carrier() == "labels" {
		want = "ada"
	}
	synctest.Test(t, func(t *testing.T) {
		ada, grace, _ := adaAndGrace(t)
		db := as(ada, Open)
		defer db.Close()
		conn, err := db.Conn(ada)
		require.NoError(t, err)

		got := make(chan string)
		scope.Go(grace, func(ctx context.Context) { got <- one(t, ctx, db, "SELECT customer FROM session") })
		synctest.Wait()
		require.ErrorIs(t, conn.Raw(func(any) error { return driver.ErrBadConn }), driver.ErrBadConn)

		assert.Equal(t, want, <-got)
	})
}

func TestAPoolForEachTestIsItsOwn(t *testing.T) {
	t.Parallel()
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			me := t.Name()
			ctx := scopetest.With(t, Customer.Bind(me))

			db := Databases.Get(ctx) // opened here, closed when the test ends
			_, err := db.ExecContext(ctx, "CREATE TABLE orders (customer TEXT)")
			require.NoError(t, err)
			_, err = db.ExecContext(ctx, "INSERT INTO orders VALUES (?)", scope.Get(ctx, Customer))
			require.NoError(t, err)
			assert.Equal(t, me, one(t, ctx, db, "SELECT group_concat(customer) FROM orders"))
			assert.Same(t, db, Databases.Get(ctx))
		})
	}
}

func TestAPoolIsClosedWithItsTest(t *testing.T) {
	t.Parallel()
	ada, grace, endOfAda := adaAndGrace(t)
	adas, graces := Databases.Get(ada), Databases.Get(grace)
	require.NoError(t, adas.PingContext(ada))
	endOfAda()
	assert.EqualError(t, adas.PingContext(ada), "sql: database is closed")
	assert.NoError(t, graces.PingContext(grace))
}
