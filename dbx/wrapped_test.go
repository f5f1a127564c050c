package dbx_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

// A driver may be wrapped by code that knows the oldest methods alone.

func TestTheOldestMethodsOfAConnectionWork(t *testing.T) {
	t.Parallel()
	db, to, own, routed := open(t)
	connector, err := db.Driver().(driver.DriverContext).OpenConnector("")
	require.NoError(t, err)
	wrapped := sql.OpenDB(connector)
	defer wrapped.Close()
	ctx, _ := in(t, dbx.Route(wrapped, to))
	use := func(ctx context.Context) {
		c, err := connector.Connect(ctx)
		require.NoError(t, err)
		tx, err := c.Begin() //lint:ignore SA1019 it is the oldest
		require.NoError(t, err)
		s, err := c.Prepare("SELECT ?")
		require.NoError(t, err)
		r, err := s.Exec([]driver.Value{"a"}) //lint:ignore SA1019 it is the oldest
		require.NoError(t, err)
		n, err := r.RowsAffected()
		assert.NoError(t, err)
		assert.EqualValues(t, 1, n)
		rows, err := s.Query([]driver.Value{"a"}) //lint:ignore SA1019 it is the oldest
		require.NoError(t, err)
		require.NoError(t, rows.Close())
		require.NoError(t, s.Close())
		require.NoError(t, tx.Commit())
		require.NoError(t, c.Close())
	}
	calls := []string{"connect", "begin 0 false", "prepare SELECT ?", "exec stmt SELECT ? [{ 1 A}]", "query stmt SELECT ? [{ 1 A}]", "close SELECT ?", "commit"}
	scope.Run(scope.Detach(ctx), use)
	assert.Equal(t, append(calls, "close"), own.seen())
	scope.Run(ctx, use)
	assert.Equal(t, append(calls, "close"), routed.seen(), "a connection that is closed in use is bad")
	assert.Empty(t, own.seen())
}

// derives is a connector whose connections derive a context from the one that
// they are given, as drivers do.
type derives struct{ *server }

func (d derives) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := d.server.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &derivingConn{c.(*modernConn)}, nil
}

type derivingConn struct{ *modernConn }

type valueKey struct{}

func (c *derivingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if ctx.Value(valueKey{}) != "of the caller" {
		return nil, errDown
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return c.modernConn.ExecContext(ctx, query, args)
}

func TestDriversSeeTheContextsValuesAndDeriveOthers(t *testing.T) {
	t.Parallel()
	db, _, _, _ := open(t)
	s := newServer("deriving")
	to := sql.OpenDB(derives{s})
	defer to.Close()
	for _, cancellable := range []bool{false, true} {
		ctx, end := scope.New(scope.Detach(context.Background()), "deriving")
		ctx = context.WithValue(scope.With(ctx, dbx.Route(db, to)), valueKey{}, "of the caller")
		if cancellable {
			c, cancel := context.WithCancel(ctx)
			defer cancel()
			ctx = c
		}
		result := make(chan error)
		go func() {
			_, err := db.ExecContext(ctx, "block")
			result <- err
		}()
		<-s.blocked
		end()
		assert.ErrorIs(t, <-result, scope.ErrEnded)
	}
}
