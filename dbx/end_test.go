package dbx_test

import (
	"context"
	"database/sql"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

func TestTheEndOfAScopeCancelsWhatRunsInIt(t *testing.T) {
	t.Parallel()
	background := scope.Detach(context.Background())
	cancellable, cancel := context.WithCancel(background)
	defer cancel()
	for name, run := range map[string]func(ctx context.Context, db *sql.DB) error{
		"exec": func(ctx context.Context, db *sql.DB) error {
			_, err := db.ExecContext(ctx, "block")
			return err
		},
		"query": func(ctx context.Context, db *sql.DB) error {
			return db.QueryRowContext(ctx, "block").Err()
		},
		"statement": func(ctx context.Context, db *sql.DB) error {
			s, err := db.PrepareContext(ctx, "block")
			if err != nil {
				return err
			}
			defer s.Close()
			_, err = s.ExecContext(ctx)
			return err
		},
		"transaction": func(ctx context.Context, db *sql.DB) error {
			tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
			if err != nil {
				return err
			}
			defer tx.Rollback()
			_, err = tx.ExecContext(ctx, "block")
			return err
		},
	} {
		for _, parent := range []context.Context{background, cancellable} {
			db, to, own, routed := open(t)
			ctx, end := scope.New(parent, name)
			result := make(chan error)
			go func() { result <- run(scope.With(ctx, dbx.Route(db, to)), db) }()
			<-routed.blocked
			end()
			err := <-result
			assert.ErrorIs(t, err, scope.ErrEnded, name)
			assert.ErrorIs(t, err, context.Canceled, name)
			assert.EqualError(t, err, `dbx: block: scope "`+name+`" has ended: context canceled`)
			assert.Zero(t, db.Stats().InUse, name)
			assert.Zero(t, to.Stats().InUse, name)
			assert.Empty(t, own.seen())
		}
	}
}

func TestATransactionEndsWithItsScope(t *testing.T) {
	t.Parallel()
	db, to, _, routed := open(t)
	ctx, end := in(t, dbx.Route(db, to))
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	s, err := tx.PrepareContext(ctx, "UPDATE")
	require.NoError(t, err)
	end()
	routed.seen()
	_, err = tx.Exec("DELETE FROM users")
	assert.ErrorIs(t, err, scope.ErrEnded)
	_, err = s.Exec()
	assert.ErrorIs(t, err, scope.ErrEnded)
	assert.Empty(t, routed.seen(), "nothing more is sent")
	assert.NoError(t, tx.Rollback())
	assert.Zero(t, to.Stats().InUse)
}

// The driver's own transaction must not stay open on a connection that goes back to its pool.
func TestCommitAfterTheEndOfTheScopeRollsBack(t *testing.T) {
	t.Parallel()
	db, to, _, routed := open(t)
	ctx, end := in(t, dbx.Route(db, to))
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	require.NoError(t, err)
	end()
	routed.seen()
	err = tx.Commit()
	assert.ErrorIs(t, err, scope.ErrEnded)
	assert.EqualError(t, err, `dbx: commit: scope "`+t.Name()+`" has ended`)
	assert.Equal(t, []string{"rollback", "valid?"}, routed.seen())
	assert.Zero(t, to.Stats().InUse)
	assert.ErrorIs(t, tx.Rollback(), sql.ErrTxDone)
}

func TestTheEndOfAScopeCancelsWhatWaitsForAConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, to, _, _ := open(t)
		to.SetMaxOpenConns(1)
		taken, err := to.Conn(context.Background())
		require.NoError(t, err)
		ctx, end := in(t, dbx.Route(db, to))
		result := make(chan error)
		go func() {
			_, err := ask(ctx, db)
			result <- err
		}()
		synctest.Wait()
		end()
		assert.ErrorIs(t, <-result, scope.ErrEnded)
		assert.NoError(t, taken.Close())
	})
}

func TestAScopeAroundOutlivesTheEndOfOneWithin(t *testing.T) {
	t.Parallel()
	db, to, _, _ := open(t)
	outer, _ := in(t, dbx.Route(db, to))
	inner, end := scope.New(outer, "inner")
	c, err := db.Conn(outer)
	require.NoError(t, err)
	defer c.Close()
	assert.Equal(t, "routed[]", asked(t, inner, db))
	assert.Equal(t, "routed[]", asked(t, outer, c))
	end()
	assert.Equal(t, "routed[]", asked(t, outer, c))
	_, err = ask(inner, db)
	assert.EqualError(t, err, `dbx: SELECT: scope "`+t.Name()+`/inner" has ended`)
}

func TestIdleConnectionsKeepNothingOfAScope(t *testing.T) {
	t.Parallel()
	db, to, _, _ := open(t)
	collected := make(chan struct{})
	func() {
		value := new([64]byte)
		runtime.AddCleanup(value, func(c chan struct{}) { close(c) }, collected)
		ctx, end := scope.New(scope.Detach(context.Background()), "short")
		ctx = scope.With(ctx, scope.NewKey[any]("value", nil).Bind(value), dbx.Route(db, to))
		ctx, cancel := context.WithCancel(ctx)
		s, err := db.PrepareContext(ctx, "SELECT")
		require.NoError(t, err)
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		for range 3 {
			rows, err := tx.QueryContext(ctx, "SELECT")
			require.NoError(t, err)
			require.NoError(t, rows.Close())
		}
		require.NoError(t, tx.Commit())
		require.NoError(t, s.Close())
		cancel()
		end()
	}()
	require.Equal(t, 1, db.Stats().Idle)
	assert.Eventually(t, func() bool {
		runtime.GC()
		select {
		case <-collected:
			return true
		default:
			return false
		}
	}, 30*time.Second, time.Millisecond)
}
