package sql_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/scopetest"
)

// developers returns the database that a program has opened, once for each
// driver. It is the developer's database, which no test may reach.
func developers(t testing.TB, driver string) *sql.DB {
	t.Helper()
	url := started(t, postgres).url("postgres")
	opened.Lock()
	defer opened.Unlock()
	if opened.dbs[driver] == nil {
		db, err := dbx.Open(driver, url)
		require.NoError(t, err)
		opened.dbs[driver] = db
	}
	return opened.dbs[driver]
}

var opened = struct {
	sync.Mutex
	dbs map[string]*sql.DB
}{dbs: map[string]*sql.DB{}}

// both runs a test for each of PostgreSQL's drivers. db is the program's
// database. In the test, its queries run on to, the test's own database.
func both(t *testing.T, test func(t *testing.T, driver string, db, to *sql.DB)) {
	for _, driver := range []string{"pgx", "postgres"} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			db, to := developers(t, driver), clone(t, driver)
			scopetest.With(t, dbx.Route(db, to), dbx.Unrouted.Bind(dbx.Refuse))
			test(t, driver, db, to)
			assert.Zero(t, to.Stats().InUse, "a connection was not put back")
		})
	}
}

func names(t testing.TB, db interface {
	Query(string, ...any) (*sql.Rows, error)
}) (list []string) {
	t.Helper()
	rows, err := db.Query("SELECT name FROM users ORDER BY id")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		list = append(list, name)
	}
	require.NoError(t, rows.Err())
	return list
}

func TestFortyParallelTestsHaveADatabaseEach(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, driver string, db, to *sql.DB) {
		for i := range 20 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				scopetest.With(t, dbx.Route(db, clone(t, driver)))
				name := fmt.Sprintf("user of %s", t.Name())
				for n := range 5 {
					_, err := db.Exec("INSERT INTO users VALUES ($1, $2)", 10+n, name)
					require.NoError(t, err)
				}
				assert.Equal(t, []string{"ann", "bob", name, name, name, name, name}, names(t, db))
			})
		}
	})
}

func TestTransactionsOfEveryIsolationLevel(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, driver string, db, to *sql.DB) {
		for level, want := range map[sql.IsolationLevel]string{
			sql.LevelDefault:         "read committed",
			sql.LevelReadUncommitted: "read uncommitted",
			sql.LevelReadCommitted:   "read committed",
			sql.LevelRepeatableRead:  "repeatable read",
			sql.LevelSerializable:    "serializable",
		} {
			for _, readOnly := range []bool{false, true} {
				tx, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: level, ReadOnly: readOnly})
				require.NoError(t, err)
				var got, mode string
				require.NoError(t, tx.QueryRow("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')").Scan(&got, &mode))
				assert.Equal(t, want, got)
				assert.Equal(t, map[bool]string{false: "off", true: "on"}[readOnly], mode)
				_, err = tx.Exec("INSERT INTO users VALUES (3, 'cid')")
				assert.Equal(t, readOnly, err != nil)
				require.NoError(t, tx.Rollback())
				assert.Equal(t, []string{"ann", "bob"}, names(t, db))
			}
		}
		_, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelLinearizable})
		assert.ErrorContains(t, err, "isolation")
		tx, err := db.Begin()
		require.NoError(t, err)
		_, err = tx.Exec("UPDATE users SET name = 'cid' WHERE id = 1")
		require.NoError(t, err)
		assert.Equal(t, []string{"ann", "bob"}, names(t, to), "not yet")
		require.NoError(t, tx.Commit())
		assert.ElementsMatch(t, []string{"cid", "bob"}, names(t, to))
	})
}

func TestACancelledTransactionIsRolledBack(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, driver string, db, to *sql.DB) {
		ctx, cancel := context.WithCancel(context.Background())
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		_, err = tx.Exec("DELETE FROM users")
		require.NoError(t, err)
		cancel()
		assert.Error(t, tx.Commit())
		require.Eventually(t, func() bool { return to.Stats().InUse == 0 }, 10*time.Second, time.Millisecond)
		assert.Equal(t, []string{"ann", "bob"}, names(t, db))

		ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_, err = db.ExecContext(ctx, "SELECT pg_sleep(60)")
		require.Error(t, err)
		assert.Error(t, ctx.Err())
		assert.Equal(t, []string{"ann", "bob"}, names(t, db))
	})
}

func TestStatementsPreparedOnceAreUsedInManyScopes(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"pgx", "postgres"} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			home := clone(t, driver)
			db, err := dbx.Open(driver, started(t, postgres).url("postgres"))
			require.NoError(t, err)
			t.Cleanup(func() { db.Close() })
			scopetest.With(t, dbx.Route(db, home))
			byID, err := db.Prepare("SELECT name FROM users WHERE id = $1")
			require.NoError(t, err)
			t.Cleanup(func() { byID.Close() })
			for i := range 6 {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					t.Parallel()
					own := clone(t, driver)
					_, err := own.Exec("UPDATE users SET name = $1 WHERE id = 1", t.Name())
					require.NoError(t, err)
					scopetest.With(t, dbx.Route(db, own))
					var all sync.WaitGroup
					for range 4 {
						all.Go(func() {
							for range 20 {
								var name string
								assert.NoError(t, byID.QueryRow(1).Scan(&name))
								assert.Equal(t, t.Name(), name)
							}
						})
					}
					all.Wait()
					tx, err := db.Begin()
					require.NoError(t, err)
					var name string
					require.NoError(t, tx.Stmt(byID).QueryRow(1).Scan(&name))
					assert.Equal(t, t.Name(), name)
					require.NoError(t, tx.Commit())
					assert.EqualError(t, byID.QueryRow(1, 2).Scan(&name), "sql: expected 1 arguments, got 2")
				})
			}
		})
	}
}

func TestSessionStateStaysOnAConnection(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, driver string, db, to *sql.DB) {
		ctx := context.Background()
		c, err := db.Conn(ctx)
		require.NoError(t, err)
		_, err = c.ExecContext(ctx, "SET search_path TO elsewhere; CREATE TEMP TABLE mine (id INTEGER)")
		require.NoError(t, err)
		for range 3 {
			var path string
			require.NoError(t, c.QueryRowContext(ctx, "SHOW search_path").Scan(&path))
			assert.Equal(t, "elsewhere", path)
			_, err = c.ExecContext(ctx, "INSERT INTO mine VALUES (1)")
			require.NoError(t, err)
			assert.Len(t, names(t, db), 2, "others are not concerned")
		}
		require.NoError(t, c.Close())
	})
}

func TestColumnTypesAreTheDrivers(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, driver string, db, to *sql.DB) {
		const query = `SELECT 1::int4 AS i, 'x'::varchar(10) AS s, 1.5::numeric(10,2) AS n, now() AS t, '{1,2}'::int4[] AS a, NULL::bytea AS b, true AS ok, '{"k":1}'::jsonb AS j`
		describe := func(db *sql.DB) (text []string) {
			rows, err := db.Query(query)
			require.NoError(t, err)
			defer rows.Close()
			types, err := rows.ColumnTypes()
			require.NoError(t, err)
			for _, c := range types {
				length, hasLength := c.Length()
				precision, scale, hasScale := c.DecimalSize()
				nullable, hasNullable := c.Nullable()
				text = append(text, fmt.Sprint(c.Name(), c.DatabaseTypeName(), c.ScanType(), length, hasLength, precision, scale, hasScale, nullable, hasNullable))
			}
			return text
		}
		assert.Equal(t, describe(to), describe(db))
		var array []int64
		if driver == "pgx" {
			m := pgtype.NewMap()
			require.NoError(t, db.QueryRow("SELECT $1::int8[]", []int64{1, 2}).Scan(m.SQLScanner(&array)))
		} else {
			require.NoError(t, db.QueryRow("SELECT $1::int8[]", pq.Array([]int64{1, 2})).Scan(pq.Array(&array)))
		}
		assert.Equal(t, []int64{1, 2}, array)
	})
}

func TestSeveralResultSets(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, driver string, db, to *sql.DB) {
		if driver == "pgx" {
			t.Skip("the driver has no several result sets")
		}
		rows, err := db.Query("SELECT 1; SELECT 2, 3; SELECT 4 WHERE false")
		require.NoError(t, err)
		defer rows.Close()
		var sets [][]string
		for {
			columns, err := rows.Columns()
			require.NoError(t, err)
			sets = append(sets, columns)
			for rows.Next() {
			}
			if !rows.NextResultSet() {
				break
			}
		}
		require.NoError(t, rows.Err())
		assert.Equal(t, [][]string{{"?column?"}, {"?column?", "?column?"}, {"?column?"}}, sets)
	})
}

func TestBulkCopy(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, driver string, db, to *sql.DB) {
		ctx := context.Background()
		if driver == "pgx" {
			c, err := db.Conn(ctx)
			require.NoError(t, err)
			defer c.Close()
			require.NoError(t, dbx.Raw(ctx, c, func(driverConn any) error {
				n, err := driverConn.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{"users"}, []string{"id", "name"},
					pgx.CopyFromRows([][]any{{3, "cid"}, {4, "dee"}}))
				assert.EqualValues(t, 2, n)
				return err
			}))
			require.NoError(t, c.Close())
		} else {
			tx, err := db.Begin()
			require.NoError(t, err)
			defer tx.Rollback()
			s, err := tx.Prepare(pq.CopyIn("users", "id", "name"))
			require.NoError(t, err)
			for _, user := range [][]any{{3, "cid"}, {4, "dee"}} {
				_, err := s.Exec(user...)
				require.NoError(t, err)
			}
			_, err = s.Exec()
			require.NoError(t, err)
			require.NoError(t, s.Close())
			require.NoError(t, tx.Commit())
		}
		assert.Equal(t, []string{"ann", "bob", "cid", "dee"}, names(t, db))
	})
}

func TestListenOnAHeldConnection(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, driver string, db, to *sql.DB) {
		if driver != "pgx" {
			t.Skip("lib/pq listens on a connection of its own")
		}
		ctx := context.Background()
		c, err := db.Conn(ctx)
		require.NoError(t, err)
		defer c.Close()
		_, err = c.ExecContext(ctx, "LISTEN orders")
		require.NoError(t, err)
		_, err = db.Exec("NOTIFY orders, 'one'")
		require.NoError(t, err)
		require.NoError(t, dbx.Raw(ctx, c, func(driverConn any) error {
			n, err := driverConn.(*stdlib.Conn).Conn().WaitForNotification(ctx)
			if assert.NoError(t, err) {
				assert.Equal(t, "one", n.Payload)
			}
			return err
		}))
		require.NoError(t, c.Close())
	})
}
