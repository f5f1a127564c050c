package sql_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/scopetest"
)

func TestKilledConnectionsAreReplaced(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, driver string, db, to *sql.DB) {
		to.SetMaxIdleConns(5)
		idle(t, context.Background(), db, 5)
		kill(t, to)
		_, err := db.Exec("UPDATE users SET name = 'cid' WHERE id = 2")
		require.NoError(t, err)
		tx, err := db.Begin()
		require.NoError(t, err)
		kill(t, to)
		_, err = tx.Exec("SELECT 1")
		assert.Error(t, err, "a transaction can't go on elsewhere")
		tx.Rollback()
		assert.ElementsMatch(t, []string{"ann", "cid"}, names(t, db))
	})
}

// idle makes n idle connections in the pool that ctx's scope uses for db.
func idle(t testing.TB, ctx context.Context, db *sql.DB, n int) {
	t.Helper()
	var held []*sql.Conn
	for range n {
		c, err := db.Conn(ctx)
		require.NoError(t, err)
		require.NoError(t, c.PingContext(ctx))
		held = append(held, c)
	}
	for _, c := range held {
		require.NoError(t, c.Close())
	}
}

// kill ends all connections to a database.
func kill(t testing.TB, db *sql.DB) {
	t.Helper()
	var name string
	require.NoError(t, db.QueryRow("SELECT current_database()").Scan(&name))
	admin, err := sql.Open("pgx", postgres.url("postgres"))
	require.NoError(t, err)
	defer admin.Close()
	_, err = admin.Exec("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1", name)
	require.NoError(t, err)
}

// This test is serial, because all tests share the server.
func TestARestartOfTheServer(t *testing.T) {
	for _, driver := range []string{"pgx", "postgres"} {
		t.Run(driver, func(t *testing.T) {
			db := dbx.OpenDB(pinging(t, driver, started(t, postgres).url("postgres")))
			defer db.Close()
			to := sql.OpenDB(pinging(t, driver, postgres.url("postgres")))
			defer to.Close()
			unrouted := scope.Detach(context.Background())
			routed := scope.With(unrouted, dbx.Route(db, to))
			for _, ctx := range []context.Context{unrouted, routed} {
				idle(t, ctx, db, 2)
			}
			require.NoError(t, postgres.down())
			for _, ctx := range []context.Context{unrouted, routed} {
				_, err := db.ExecContext(ctx, "SELECT 1")
				assert.ErrorContains(t, err, "refused", "the server is down")
			}
			require.NoError(t, postgres.up())
			for _, ctx := range []context.Context{unrouted, routed} {
				for range 3 {
					var one int
					require.NoError(t, db.QueryRowContext(ctx, "SELECT 1").Scan(&one))
				}
			}
		})
	}
}

func TestTheEndOfAScopeCancelsAQueryOnTheServer(t *testing.T) {
	t.Parallel()
	for _, drv := range []string{"pgx", "postgres"} {
		db, to := developers(t, drv), clone(t, drv)
		ctx, end := scope.New(scope.Detach(context.Background()), drv)
		ctx = scope.With(ctx, dbx.Route(db, to))
		result := make(chan error)
		go func() {
			_, err := db.ExecContext(ctx, "SELECT pg_sleep(60)")
			result <- err
		}()
		for !sleeping(t, to) {
		}
		end()
		err := <-result
		assert.ErrorIs(t, err, scope.ErrEnded)
		assert.ErrorContains(t, err, `dbx: SELECT pg_sleep: scope "`+drv+`" has ended: `)
		assert.NotErrorIs(t, err, driver.ErrBadConn)
		require.Eventually(t, func() bool { return !sleeping(t, to) }, 10*time.Second, time.Millisecond)
		assert.Zero(t, to.Stats().InUse)
	}
}

// pgtestdb drops the database at the end of a test, and fails the test if it is
// in use.
func TestAForgottenQueryEndsWithItsTest(t *testing.T) {
	t.Parallel()
	for _, drv := range []string{"pgx", "postgres"} {
		result := make(chan error, 1)
		t.Run(drv, func(t *testing.T) {
			db, to := developers(t, drv), clone(t, drv)
			scopetest.With(t, dbx.Route(db, to))
			go func() {
				_, err := db.Exec("SELECT pg_sleep(60)")
				result <- err
			}()
			for !sleeping(t, to) {
			}
		})
		assert.ErrorIs(t, <-result, scope.ErrEnded)
	}
}

// sleeping reports whether a query for pg_sleep runs in a database.
func sleeping(t testing.TB, db *sql.DB) (yes bool) {
	t.Helper()
	require.NoError(t, db.QueryRow("SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT pg_sleep(60)' AND state = 'active'").Scan(&yes))
	return yes
}
