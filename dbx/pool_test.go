package dbx_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

func TestLimitsOfBothPoolsHoldWithoutADeadlock(t *testing.T) {
	t.Parallel()
	for _, limits := range [][2]int{{1, 1}, {1, 3}, {3, 1}, {2, 0}, {0, 2}} {
		db, to, own, routed := open(t)
		db.SetMaxOpenConns(limits[0])
		to.SetMaxOpenConns(limits[1])
		ctx, _ := in(t, dbx.Route(db, to))
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				ctx, want := ctx, "routed[]"
				if i%2 == 0 {
					ctx, want = scope.Detach(ctx), "own[]"
				}
				for range 50 {
					answer, err := ask(ctx, db)
					assert.NoError(t, err)
					assert.Equal(t, want, answer)
				}
			})
		}
		all.Wait()
		for i, s := range []*server{own, routed} {
			if conns, _ := s.counts(); limits[i] > 0 {
				assert.LessOrEqual(t, conns, limits[i])
			}
		}
		assert.Zero(t, to.Stats().InUse)
	}
}

// Package sql finds a good connection whatever number of idle ones is bad.
func TestBadConnectionsAreReplaced(t *testing.T) {
	t.Parallel()
	for _, kind := range []kind{modern, older, plain} {
		db, to, own, routed := open(t)
		own.kind, routed.kind = kind, kind
		ctx, _ := in(t, dbx.Route(db, to))
		background := scope.Detach(ctx)
		for _, db := range []*sql.DB{db, to} {
			db.SetMaxIdleConns(10)
		}
		for _, ctx := range []context.Context{ctx, background} {
			var held []*sql.Conn
			for range 7 {
				c, err := db.Conn(ctx)
				require.NoError(t, err)
				asked(t, ctx, c)
				held = append(held, c)
			}
			for _, c := range held {
				require.NoError(t, c.Close())
			}
		}
		own.restart()
		routed.restart()
		assert.Equal(t, "own[]", asked(t, background, db), kind)
		assert.Contains(t, asked(t, ctx, db), "routed", kind)
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err, kind)
		routed.restart()
		_, err = tx.Exec("UPDATE")
		assert.ErrorIs(t, err, driver.ErrBadConn, "a transaction can't go on elsewhere")
		assert.ErrorIs(t, tx.Rollback(), driver.ErrBadConn)
		_, err = db.ExecContext(ctx, "UPDATE")
		assert.NoError(t, err, kind)
	}
}

func TestErrorsOfConnectingArePassedOn(t *testing.T) {
	t.Parallel()
	db, to, own, routed := open(t)
	ctx, _ := in(t, dbx.Route(db, to))
	own.refused, routed.refused = errDown, errDown
	for range 2 {
		_, err := ask(scope.Detach(ctx), db)
		assert.Equal(t, errDown, err, "as without this package")
		_, err = ask(ctx, db)
		assert.ErrorIs(t, err, errDown)
		assert.EqualError(t, err, "dbx: SELECT: a connection of the database that it is routed to: the server is down")
	}
	own.refused, routed.refused = nil, nil
	assert.Equal(t, "own[]", asked(t, scope.Detach(ctx), db))
	assert.Equal(t, "routed[]", asked(t, ctx, db))
}

func TestARouteToAClosedDatabaseIsAnError(t *testing.T) {
	t.Parallel()
	db, to, own, _ := open(t)
	ctx, _ := in(t, dbx.Route(db, to))
	require.NoError(t, to.Close())
	_, err := ask(ctx, db)
	assert.EqualError(t, err, "dbx: SELECT: a connection of the database that it is routed to: sql: database is closed")
	assert.Empty(t, own.seen())
}

func TestWaitingForARoutedConnectionCanBeCancelled(t *testing.T) {
	t.Parallel()
	db, to, _, _ := open(t)
	to.SetMaxOpenConns(1)
	taken, err := to.Conn(context.Background())
	require.NoError(t, err)
	defer taken.Close()
	ctx, _ := in(t, dbx.Route(db, to))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	result := make(chan error)
	go func() {
		_, err := ask(ctx, db)
		result <- err
	}()
	for to.Stats().WaitCount == 0 {
	}
	cancel()
	assert.Equal(t, context.Canceled, <-result)
	assert.Zero(t, db.Stats().InUse)
}

func TestRowsThatAreNeverClosedHoldOneConnection(t *testing.T) {
	t.Parallel()
	db, to, _, _ := open(t)
	ctx, _ := in(t, dbx.Route(db, to))
	rows, err := db.QueryContext(ctx, "SELECT")
	require.NoError(t, err)
	assert.Equal(t, 1, to.Stats().InUse)
	assert.Equal(t, "routed[]", asked(t, ctx, db))
	assert.True(t, rows.Next())
	assert.Equal(t, 1, to.Stats().InUse)
	assert.False(t, rows.Next(), "the end closes them")
	assert.Zero(t, to.Stats().InUse)
	assert.NoError(t, rows.Err())
}

func TestRawPassesTheDriversConnection(t *testing.T) {
	t.Parallel()
	db, to, own, routed := open(t)
	ctx, _ := in(t, dbx.Route(db, to))
	server := func(ctx context.Context, db *sql.DB) (s *server) {
		c, err := db.Conn(ctx)
		require.NoError(t, err)
		defer c.Close()
		require.NoError(t, dbx.Raw(ctx, c, func(driverConn any) error {
			s = driverConn.(*modernConn).s
			return nil
		}))
		return s
	}
	for range 2 {
		assert.Same(t, routed, server(ctx, db))
		assert.Same(t, own, server(scope.Detach(ctx), db))
		assert.Same(t, routed, server(ctx, to), "a plain *sql.DB")
	}
	c, err := db.Conn(ctx)
	require.NoError(t, err)
	failure := errors.New("of the function")
	assert.Equal(t, failure, dbx.Raw(ctx, c, func(any) error { return failure }))
	assert.Equal(t, "routed[]", asked(t, ctx, c))
	assert.ErrorIs(t, dbx.Raw(ctx, c, func(any) error { return driver.ErrBadConn }), driver.ErrBadConn)
	_, err = ask(ctx, c)
	assert.ErrorIs(t, err, sql.ErrConnDone, "as after sql.Conn.Raw")
	assert.Zero(t, to.Stats().OpenConnections-to.Stats().Idle)
}

func TestAHeldConnectionStartsOnAGoodOne(t *testing.T) {
	t.Parallel()
	db, to, own, routed := open(t)
	db.SetMaxOpenConns(1)
	to.SetMaxOpenConns(1)
	ctx, _ := in(t, dbx.Route(db, to))
	for _, ctx := range []context.Context{scope.Detach(ctx), ctx} {
		s, err := db.PrepareContext(ctx, "UPDATE")
		require.NoError(t, err)
		defer s.Close()
		own.restart()
		routed.restart()
		c, err := db.Conn(ctx)
		require.NoError(t, err)
		_, err = c.ExecContext(ctx, "UPDATE")
		assert.NoError(t, err)
		require.NoError(t, c.Close())
		_, err = s.ExecContext(ctx)
		assert.NoError(t, err, "a statement from before is prepared again")
	}
}
