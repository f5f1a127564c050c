package sql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/scopetest"
)

// file returns a SQLite database in a file of the test's own.
func file(t testing.TB, open func(driver, dsn string) (*sql.DB, error)) *sql.DB {
	t.Helper()
	db, err := open("sqlite", filepath.Join(t.TempDir(), "db")+"?_pragma=busy_timeout(10000)&_pragma=synchronous(0)")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec(string(shop))
	require.NoError(t, err)
	return db
}

// memory returns a SQLite database in memory. It lives as long as its one
// connection.
func memory(t testing.TB, open func(driver, dsn string) (*sql.DB, error)) *sql.DB {
	t.Helper()
	db, err := open("sqlite", ":memory:")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec(string(shop))
	require.NoError(t, err)
	return db
}

// A session has everything that a random program has open.
type session struct {
	db    *sql.DB
	ctx   context.Context
	conn  *sql.Conn
	tx    *sql.Tx
	stmts []*sql.Stmt
	seen  []string
}

func (s *session) note(name string, v any, err error) {
	s.seen = append(s.seen, fmt.Sprintf("%s: %v, %v", name, v, err))
}

// on returns the object for the next statement: of all open ones, the newest.
func (s *session) on() interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	PrepareContext(context.Context, string) (*sql.Stmt, error)
} {
	switch {
	case s.tx != nil:
		return s.tx
	case s.conn != nil:
		return s.conn
	}
	return s.db
}

func (s *session) read(rows *sql.Rows, err error) {
	if err != nil {
		s.note("read", nil, err)
		return
	}
	defer rows.Close()
	for {
		types, err := rows.ColumnTypes()
		for _, c := range types {
			s.note("column", c.Name()+" "+c.DatabaseTypeName()+" "+fmt.Sprint(c.ScanType()), err)
		}
		for rows.Next() {
			row, to := make([]any, len(types)), []any{}
			for i := range row {
				to = append(to, &row[i])
			}
			err := rows.Scan(to...)
			s.note("row", row, err)
		}
		if !rows.NextResultSet() {
			s.note("end", nil, rows.Err())
			return
		}
	}
}

// steps are the steps of a random program. n and text are random.
var steps = map[string]func(s *session, n int, text string){
	"insert": func(s *session, n int, text string) {
		r, err := s.on().ExecContext(s.ctx, "INSERT INTO users VALUES (?, ?)", n, text)
		if err == nil {
			id, err := r.LastInsertId()
			s.note("inserted", id, err)
			return
		}
		s.note("insert", nil, err)
	},
	"update": func(s *session, n int, text string) {
		r, err := s.on().ExecContext(s.ctx, "UPDATE users SET name = @name WHERE id >= @id", sql.Named("name", text), sql.Named("id", n))
		if err == nil {
			n, err := r.RowsAffected()
			s.note("updated", n, err)
			return
		}
		s.note("update", nil, err)
	},
	"select": func(s *session, n int, _ string) {
		s.read(s.on().QueryContext(s.ctx, "SELECT id, name, NULL, 1.5, x'0102' FROM users WHERE id <> ? ORDER BY id", n))
	},
	"two selects": func(s *session, n int, _ string) {
		s.read(s.on().QueryContext(s.ctx, "SELECT count(*) FROM users; SELECT name FROM users WHERE id = 1"))
	},
	"wrong arguments": func(s *session, n int, text string) {
		s.read(s.on().QueryContext(s.ctx, "SELECT ?, ?", n))
		s.read(s.on().QueryContext(s.ctx, "SELECT ?", make(chan int)))
	},
	"syntax error": func(s *session, _ int, _ string) {
		_, err := s.on().ExecContext(s.ctx, "SELEC 1")
		s.note("syntax error", nil, err)
	},
	"prepare": func(s *session, _ int, _ string) {
		if s.tx != nil || s.conn != nil {
			return
		}
		st, err := s.on().PrepareContext(s.ctx, "SELECT name, ? FROM users WHERE id = ?")
		s.note("prepare", nil, err)
		if err == nil {
			s.stmts = append(s.stmts, st)
		}
	},
	"use statements": func(s *session, n int, text string) {
		for _, st := range s.stmts {
			if s.tx != nil {
				st = s.tx.StmtContext(s.ctx, st)
			} else if s.conn != nil {
				continue // the pool has one connection
			}
			s.read(st.QueryContext(s.ctx, text, n))
			s.read(st.QueryContext(s.ctx, text))
		}
	},
	"begin": func(s *session, n int, _ string) {
		if s.tx != nil {
			return
		}
		begin := s.db.BeginTx
		if s.conn != nil {
			begin = s.conn.BeginTx
		}
		tx, err := begin(s.ctx, &sql.TxOptions{Isolation: sql.IsolationLevel(n % 3), ReadOnly: n%5 == 0})
		s.note("begin", nil, err)
		if err == nil {
			s.tx = tx
		}
	},
	"commit": func(s *session, _ int, _ string) {
		if s.tx != nil {
			s.note("commit", nil, s.tx.Commit())
			s.tx = nil
		}
	},
	"rollback": func(s *session, _ int, _ string) {
		if s.tx != nil {
			s.note("rollback", nil, s.tx.Rollback())
			s.tx = nil
		}
	},
	"take a connection": func(s *session, _ int, _ string) {
		if s.tx != nil || s.conn != nil {
			return
		}
		c, err := s.db.Conn(s.ctx)
		s.note("take", nil, err)
		if err == nil {
			s.conn = c
		}
	},
	"put it back": func(s *session, _ int, _ string) {
		if s.conn != nil && s.tx == nil {
			s.note("put", nil, s.conn.Close())
			s.conn = nil
		}
	},
	"ping": func(s *session, _ int, _ string) {
		if s.tx == nil && s.conn == nil {
			s.note("ping", nil, s.db.PingContext(s.ctx))
		}
	},
	"session state": func(s *session, n int, _ string) {
		s.read(s.on().QueryContext(s.ctx, fmt.Sprintf("PRAGMA cache_size = %d; PRAGMA cache_size", n+10)))
	},
	"cancelled": func(s *session, _ int, _ string) {
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		_, err := s.on().QueryContext(ctx, "SELECT 1")
		s.note("cancelled", nil, err)
	},
	"cancelled transaction": func(s *session, n int, text string) {
		if s.tx != nil || s.conn != nil {
			return
		}
		ctx, cancel := context.WithCancel(s.ctx)
		defer cancel()
		tx, err := s.db.BeginTx(ctx, nil)
		if err == nil {
			_, err = tx.ExecContext(s.ctx, "INSERT INTO users VALUES (?, ?)", n+100, text)
			cancel()
			for s.db.Stats().InUse > 0 {
				runtime.Gosched() // package sql rolls back on a goroutine of its own
			}
		}
		s.note("cancelled transaction", nil, err)
	},
}

// run runs a program to its end, closes everything that is open, and returns
// what the program saw.
func run(ctx context.Context, db *sql.DB, program []step) []string {
	s := &session{db: db, ctx: ctx}
	for _, step := range program {
		s.seen = append(s.seen, step.name)
		steps[step.name](s, step.n, step.text)
	}
	var err error
	if s.tx != nil {
		err = s.tx.Rollback()
	}
	if s.conn != nil {
		err = errors.Join(err, s.conn.Close())
	}
	for _, st := range s.stmts {
		err = errors.Join(err, st.Close())
	}
	s.note("end", nil, err)
	s.tx, s.conn = nil, nil
	steps["select"](s, -1, "")
	return s.seen
}

type step struct {
	name string
	n    int
	text string
}

func TestRandomProgramsHaveTheSameResults(t *testing.T) {
	t.Parallel()
	all := slices.Sorted(maps.Keys(steps))
	drawStep := rapid.Custom(func(t *rapid.T) step {
		return step{rapid.SampledFrom(all).Draw(t, "step"), rapid.IntRange(0, 12).Draw(t, "n"), rapid.String().Draw(t, "text")}
	})
	background := scope.Detach(context.Background())
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		program := rapid.SliceOfN(drawStep, 1, 25).Draw(t, "program")
		open := func(open func(string, string) (*sql.DB, error)) *sql.DB {
			db, err := open("sqlite", ":memory:")
			require.NoError(t, err)
			db.SetMaxOpenConns(1)
			_, err = db.ExecContext(background, string(shop))
			require.NoError(t, err)
			return db
		}
		bare, unrouted, global, to := open(sql.Open), open(dbx.Open), open(dbx.Open), open(sql.Open)
		want := run(background, bare, program)
		require.Equal(t, want, run(background, unrouted, program), "no route")

		ctx, end := scope.New(background, "program")
		require.Equal(t, want, run(scope.With(ctx, dbx.Route(global, to)), global, program), "routed")
		end()
		require.Equal(t, []string{"ann", "bob"}, names(outer, global), "the global database is as it was")
		for _, db := range []*sql.DB{bare, unrouted, global, to} {
			require.Zero(t, db.Stats().InUse)
			require.NoError(t, db.Close())
		}
	})
}

func TestSQLiteInAFileAndInMemory(t *testing.T) {
	t.Parallel()
	db := file(t, dbx.Open)
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			to := memory
			if i%2 == 0 {
				to = file
			}
			scopetest.With(t, dbx.Route(db, to(t, sql.Open)))
			for n := range 5 {
				_, err := db.Exec("INSERT INTO users VALUES (?, ?)", 10+n, t.Name())
				require.NoError(t, err)
			}
			assert.Equal(t, []string{"ann", "bob", t.Name(), t.Name(), t.Name(), t.Name(), t.Name()}, names(t, db))
		})
	}
}
