package dbx_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

// A program is a series of operations on a database. It returns what the
// caller saw.
type program []operation

type operation struct {
	name string
	do   func(ctx context.Context, db *sql.DB) (any, error)
}

func (o operation) String() string { return o.name }

func (p program) run(ctx context.Context, db *sql.DB) (seen []string) {
	// With this package a connection is opened at its first use, not before.
	seen = append(seen, fmt.Sprint(db.PingContext(ctx)))
	for _, o := range p {
		v, err := o.do(ctx, db)
		seen = append(seen, fmt.Sprintf("%s: %v, %v", o.name, v, err))
	}
	return seen
}

var errArgument = errors.New("no such argument")

// operations are one of each kind that package sql asks a driver for.
func operations() []operation {
	var ops []operation
	add := func(name string, do func(ctx context.Context, db *sql.DB) (any, error)) {
		ops = append(ops, operation{name, do})
	}
	affected := func(r sql.Result, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return r.RowsAffected()
	}
	arguments := map[string][]any{
		"no argument":      nil,
		"values":           {"a", 1},
		"driver's own":     {[]string{"a", "b"}, 1},
		"one is dropped":   {struct{}{}, "a", 1},
		"named":            {sql.Named("n", "a"), 2},
		"refused":          {"a", errArgument},
		"refused by sql":   {"a", make(chan int)},
		"a Valuer":         {sql.NullString{String: "v", Valid: true}, sql.NullInt64{}},
		"a nil Valuer":     {(*sql.NullString)(nil), 1},
		"too few":          {"a"},
		"too many":         {"a", "b", "c"},
		"no driver.Value":  {"a", 7},
		"a driver.Value's": {"a", driver.Value(int64(3))},
	}
	for name, args := range arguments {
		add("exec, "+name, func(ctx context.Context, db *sql.DB) (any, error) {
			return affected(db.ExecContext(ctx, "UPDATE ? ?", args...))
		})
		add("query, "+name, func(ctx context.Context, db *sql.DB) (answer any, err error) {
			err = db.QueryRowContext(ctx, "SELECT ? ?", args...).Scan(&answer)
			return answer, err
		})
		add("statement, "+name, func(ctx context.Context, db *sql.DB) (any, error) {
			s, err := db.PrepareContext(ctx, "SELECT ? ?")
			if err != nil {
				return nil, err
			}
			defer s.Close()
			var answer string
			if err := s.QueryRowContext(ctx, args...).Scan(&answer); err != nil {
				return nil, err
			}
			n, err := affected(s.ExecContext(ctx, args...))
			return fmt.Sprint(answer, n), err
		})
	}
	add("exec by a statement", func(ctx context.Context, db *sql.DB) (any, error) {
		return affected(db.ExecContext(ctx, "slow path"))
	})
	add("ping", func(ctx context.Context, db *sql.DB) (any, error) { return nil, db.PingContext(ctx) })
	for _, opts := range []*sql.TxOptions{nil, {ReadOnly: true}, {Isolation: sql.LevelSerializable}} {
		add(fmt.Sprintf("transaction %+v", opts), func(ctx context.Context, db *sql.DB) (any, error) {
			tx, err := db.BeginTx(ctx, opts)
			if err != nil {
				return nil, err
			}
			if _, err := tx.ExecContext(ctx, "UPDATE", "a"); err != nil {
				return nil, errors.Join(err, tx.Rollback())
			}
			return nil, tx.Commit()
		})
	}
	add("transaction that is cancelled", func(ctx context.Context, db *sql.DB) (any, error) {
		ctx, cancel := context.WithCancel(ctx)
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			cancel()
			return nil, err
		}
		_, err = tx.ExecContext(context.Background(), "UPDATE")
		cancel()
		waitIdle(db) // package sql rolls back on a goroutine of its own
		return nil, err
	})
	add("statement in a transaction", func(ctx context.Context, db *sql.DB) (answer any, err error) {
		s, err := db.PrepareContext(ctx, "SELECT ?")
		if err != nil {
			return nil, err
		}
		defer s.Close()
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return nil, err
		}
		defer tx.Rollback()
		err = tx.StmtContext(ctx, s).QueryRow("a").Scan(&answer)
		return answer, err
	})
	add("connection", func(ctx context.Context, db *sql.DB) (any, error) {
		c, err := db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		a, err := ask(ctx, c)
		return a, errors.Join(err, c.PingContext(ctx))
	})
	add("context that is over", func(ctx context.Context, db *sql.DB) (any, error) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return ask(ctx, db)
	})
	return ops
}

// waitIdle waits until no connection is in use.
func waitIdle(db *sql.DB) {
	for db.Stats().InUse > 0 {
		runtime.Gosched()
	}
}

// The same operations, with and without this package, make the same calls of
// the driver, and have the same results and errors.
func TestDriversAreCalledAsPackageSQLCallsThem(t *testing.T) {
	t.Parallel()
	all := operations()
	for _, kind := range []kind{modern, older, plain} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				p := program(rapid.SliceOfN(rapid.SampledFrom(all), 1, 8).Draw(t, "program"))
				background := scope.Detach(context.Background())

				bare := newServer("server")
				bare.kind = kind
				db := sql.OpenDB(bare)
				db.SetMaxOpenConns(1)
				want := p.run(background, db)
				require.NoError(t, db.Close())
				wantCalls := bare.seen()

				own := newServer("server")
				own.kind = kind
				db = dbx.OpenDB(own)
				db.SetMaxOpenConns(1)
				require.Equal(t, want, p.run(background, db))
				require.NoError(t, db.Close())
				require.Equal(t, wantCalls, own.seen())

				routed := newServer("server")
				routed.kind = kind
				to := sql.OpenDB(routed)
				to.SetMaxOpenConns(1)
				db = dbx.OpenDB(own)
				db.SetMaxOpenConns(1)
				ctx, end := scope.New(background, "program")
				require.Equal(t, want, p.run(scope.With(ctx, dbx.Route(db, to)), db))
				end()
				require.NoError(t, db.Close())
				require.NoError(t, to.Close())
				require.Empty(t, own.seen())
				for _, s := range []*server{own, routed} {
					conns, stmts := s.counts()
					require.Zero(t, conns)
					require.Zero(t, stmts)
				}
			})
		})
	}
}

func TestARoutedDatabaseMayHaveAnotherKindOfDriver(t *testing.T) {
	t.Parallel()
	kinds := []kind{modern, older, plain}
	for _, from := range kinds {
		for _, kind := range kinds {
			own, routed := newServer("own"), newServer("routed")
			own.kind, routed.kind = from, kind
			db, to := dbx.OpenDB(own), sql.OpenDB(routed)
			db.SetMaxOpenConns(1)
			ctx, _ := in(t, dbx.Route(db, to))
			s, err := db.PrepareContext(context.Background(), "SELECT ?")
			require.NoError(t, err)
			for range 3 {
				var answer string
				require.NoError(t, s.QueryRowContext(ctx, "a").Scan(&answer))
				assert.Contains(t, answer, "routed", "%s to %s", from, kind)
				require.NoError(t, s.QueryRowContext(context.Background(), "a").Scan(&answer))
				assert.Contains(t, answer, "own", "%s to %s", from, kind)
			}
			require.NoError(t, s.Close())
			require.NoError(t, db.Close())
			require.NoError(t, to.Close())
			for _, s := range []*server{own, routed} {
				conns, stmts := s.counts()
				assert.Zero(t, conns)
				assert.Zero(t, stmts)
			}
		}
	}
}
