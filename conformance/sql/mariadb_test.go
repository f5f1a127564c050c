package sql_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/scopetest"
)

var mariadbs atomic.Int64

// mariaDB returns the program's database, and the test's own database. The
// program's is routed to the test's.
func mariaDB(t testing.TB) (db, to *sql.DB) {
	t.Helper()
	s := started(t, mariadb)
	db, err := dbx.Open("mysql", s.url("mysql"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	to = mariaClone(t)
	scopetest.With(t, dbx.Route(db, to), dbx.Unrouted.Bind(dbx.Refuse))
	return db, to
}

func mariaClone(t testing.TB) *sql.DB {
	t.Helper()
	name := fmt.Sprintf("test%d", mariadbs.Add(1))
	admin, err := sql.Open("mysql", started(t, mariadb).url("mysql"))
	require.NoError(t, err)
	defer admin.Close()
	_, err = admin.Exec("CREATE DATABASE " + name)
	require.NoError(t, err)
	to, err := sql.Open("mysql", mariadb.url(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, to.Close()) })
	_, err = to.Exec(string(shop))
	require.NoError(t, err)
	return to
}

func TestMariaDB(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("a database for each test", func(t *testing.T) {
		t.Parallel()
		db, _ := mariaDB(t)
		byID, err := db.Prepare("SELECT name FROM users WHERE id = ?")
		require.NoError(t, err)
		t.Cleanup(func() { byID.Close() })
		t.Run("parallel", func(t *testing.T) {
			for i := range 10 {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					t.Parallel()
					scopetest.With(t, dbx.Route(db, mariaClone(t)))
					_, err := db.Exec("UPDATE users SET name = ? WHERE id = 2", t.Name())
					require.NoError(t, err)
					var all sync.WaitGroup
					for range 4 {
						all.Go(func() {
							var name string
							assert.NoError(t, byID.QueryRow(2).Scan(&name))
							assert.Equal(t, t.Name(), name)
						})
					}
					all.Wait()
					assert.Equal(t, []string{"ann", t.Name()}, names(t, db))
				})
			}
		})
		assert.Equal(t, []string{"ann", "bob"}, names(t, db))
	})
	t.Run("transactions", func(t *testing.T) {
		t.Parallel()
		db, _ := mariaDB(t)
		for level, want := range map[sql.IsolationLevel]string{
			sql.LevelDefault:         "REPEATABLE READ",
			sql.LevelReadUncommitted: "READ UNCOMMITTED",
			sql.LevelReadCommitted:   "READ COMMITTED",
			sql.LevelSerializable:    "SERIALIZABLE",
		} {
			tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: level})
			require.NoError(t, err)
			_, err = tx.Exec("INSERT INTO users VALUES (3, 'cid')")
			require.NoError(t, err)
			assert.Eventually(t, func() bool { // a view that is refreshed only if nobody has read it for 0.1 s
				var got string
				err := tx.QueryRow("SELECT trx_isolation_level FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = CONNECTION_ID()").Scan(&got)
				return err == nil && got == want
			}, 10*time.Second, 150*time.Millisecond, want)
			require.NoError(t, tx.Rollback())
		}
		tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		require.NoError(t, err)
		_, err = tx.Exec("DELETE FROM users")
		assert.ErrorContains(t, err, "READ ONLY")
		require.NoError(t, tx.Rollback())
		assert.Equal(t, []string{"ann", "bob"}, names(t, db))
	})
	t.Run("several result sets", func(t *testing.T) {
		t.Parallel()
		db, to := mariaDB(t)
		read := func(db *sql.DB) (text []string) {
			rows, err := db.Query("SELECT 1 AS a; SELECT 'x' AS b, NULL AS c, 1.5 AS d")
			require.NoError(t, err)
			defer rows.Close()
			for ok := true; ok; ok = rows.NextResultSet() {
				types, err := rows.ColumnTypes()
				require.NoError(t, err)
				for _, c := range types {
					text = append(text, fmt.Sprint(c.Name(), c.DatabaseTypeName(), c.ScanType()))
				}
				for rows.Next() {
				}
			}
			require.NoError(t, rows.Err())
			return text
		}
		assert.Len(t, read(db), 4)
		assert.Equal(t, read(to), read(db))
	})
	t.Run("session state and killed connections", func(t *testing.T) {
		t.Parallel()
		db, _ := mariaDB(t)
		c, err := db.Conn(ctx)
		require.NoError(t, err)
		defer c.Close()
		_, err = c.ExecContext(ctx, "SET @mine = 7")
		require.NoError(t, err)
		var mine, id int
		require.NoError(t, c.QueryRowContext(ctx, "SELECT @mine, CONNECTION_ID()").Scan(&mine, &id))
		assert.Equal(t, 7, mine)
		require.NoError(t, c.Close())
		admin, err := sql.Open("mysql", mariadb.url("mysql"))
		require.NoError(t, err)
		defer admin.Close()
		_, err = admin.Exec(fmt.Sprintf("KILL %d", id))
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			var n int
			require.NoError(t, admin.QueryRow("SELECT count(*) FROM information_schema.processlist WHERE id = ?", id).Scan(&n))
			return n == 0
		}, 10*time.Second, time.Millisecond)
		assert.Equal(t, []string{"ann", "bob"}, names(t, db))
	})
	t.Run("the end of a scope", func(t *testing.T) {
		t.Parallel()
		db, to := mariaDB(t)
		ended, end := scope.New(scope.Detach(ctx), "ended")
		ended = scope.With(ended, dbx.Route(db, to))
		result := make(chan error)
		go func() {
			_, err := db.ExecContext(ended, "SELECT SLEEP(60)")
			result <- err
		}()
		require.Eventually(t, func() bool {
			var n int
			require.NoError(t, to.QueryRow("SELECT count(*) FROM information_schema.processlist WHERE info = 'SELECT SLEEP(60)' AND db = DATABASE()").Scan(&n))
			return n == 1
		}, 10*time.Second, time.Millisecond)
		end()
		assert.ErrorIs(t, <-result, scope.ErrEnded)
		assert.Zero(t, to.Stats().InUse)
	})
}
