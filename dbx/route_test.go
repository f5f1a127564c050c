package dbx_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

func TestRouteReplacesADatabaseInItsScope(t *testing.T) {
	t.Parallel()
	db, to, _, _ := open(t)
	ctx, _ := in(t, dbx.Route(db, to))
	for range 2 { // also on a connection that was used before
		assert.Equal(t, "own[]", asked(t, t.Context(), db), "no scope")
		assert.Equal(t, "routed[]", asked(t, ctx, db), "the scope of the context")
		scope.Run(ctx, func(context.Context) {
			assert.Equal(t, "routed[]", asked(t, context.Background(), db), "the scope of the goroutine")
			assert.Equal(t, "own[]", asked(t, scope.Detach(ctx), db), "the context comes first")
		})
		assert.Equal(t, "routed[]", asked(t, ctx, to), "the other database is itself")
	}
}

func TestTheNearestRouteCounts(t *testing.T) {
	t.Parallel()
	db, to, _, _ := open(t)
	inner := sql.OpenDB(newServer("inner"))
	defer inner.Close()
	ctx, _ := in(t, dbx.Route(db, to))
	assert.Equal(t, "inner[]", asked(t, scope.With(ctx, dbx.Route(db, inner)), db))
	assert.Equal(t, "own[]", asked(t, scope.With(ctx, dbx.Route(db, db)), db), "a route to itself takes one back")
	assert.Equal(t, "routed[]", asked(t, ctx, db))
}

func TestRoutesOfSeveralDatabases(t *testing.T) {
	t.Parallel()
	users, usersTo, _, _ := open(t)
	orders, ordersTo, _, _ := open(t)
	ctx, _ := in(t, dbx.Route(users, usersTo), dbx.Route(orders, ordersTo))
	assert.Equal(t, "routed[]", asked(t, ctx, users))
	assert.Equal(t, "routed[]", asked(t, ctx, orders))
	assert.Equal(t, "own[]", asked(t, scope.With(ctx, dbx.Route(orders, orders)), orders))
	assert.Equal(t, "routed[]", asked(t, scope.With(ctx, dbx.Route(orders, orders)), users))
}

func TestARouteIsNotFollowedFurther(t *testing.T) {
	t.Parallel()
	db, _, _, _ := open(t)
	other, _, _, _ := open(t)
	another := dbx.OpenDB(newServer("another"))
	defer another.Close()
	for _, db := range []*sql.DB{db, other, another} {
		db.SetMaxOpenConns(1)
	}
	ctx, _ := in(t, dbx.Route(db, another), dbx.Route(another, db), dbx.Unrouted.Bind(dbx.Refuse))
	for range 3 {
		assert.Equal(t, "another[]", asked(t, ctx, db))
		assert.Equal(t, "own[]", asked(t, ctx, another))
	}
	_, err := ask(ctx, other)
	assert.ErrorIs(t, err, dbx.ErrRefused)
}

func TestAConnectionKeepsItsDatabaseUntilItIsPutBack(t *testing.T) {
	t.Parallel()
	db, to, own, routed := open(t)
	ctx, _ := in(t, dbx.Route(db, to))
	background := scope.Detach(context.Background())

	c, err := db.Conn(ctx)
	require.NoError(t, err)
	assert.Equal(t, "routed[]", asked(t, ctx, c))
	assert.Equal(t, "routed[]", asked(t, background, c))
	require.NoError(t, c.Close())
	assert.Zero(t, to.Stats().InUse)

	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: true})
	require.NoError(t, err)
	assert.Equal(t, 1, to.Stats().InUse)
	_, err = tx.ExecContext(background, "UPDATE")
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	assert.Zero(t, to.Stats().InUse)
	assert.Empty(t, own.seen())
	assert.Contains(t, routed.seen(), "begin 6 true")
}

func TestEveryScopeHasItsDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	db, _, own, _ := open(t)
	prepared, err := db.PrepareContext(scope.Detach(t.Context()), "SELECT ?")
	require.NoError(t, err)
	defer prepared.Close()
	var all sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		s := newServer(name)
		to := sql.OpenDB(s)
		t.Cleanup(func() {
			assert.NoError(t, to.Close())
			conns, stmts := s.counts()
			assert.Zero(t, conns)
			assert.Zero(t, stmts)
		})
		ctx, _ := in(t, dbx.Route(db, to))
		for range 4 {
			all.Go(func() {
				scope.Run(ctx, func(context.Context) {
					for range 50 {
						answer, err := ask(context.Background(), db)
						assert.NoError(t, err)
						assert.Equal(t, name+"[]", answer)
						assert.NoError(t, prepared.QueryRow(1).Scan(&answer))
						assert.Equal(t, name+"[1]", answer)
						tx, err := db.Begin()
						if assert.NoError(t, err) {
							assert.NoError(t, tx.Stmt(prepared).QueryRow(2).Scan(&answer))
							assert.Equal(t, name+"[2]", answer)
							assert.NoError(t, tx.Rollback())
						}
					}
				})
			})
		}
	}
	all.Wait()
	assert.NotContains(t, own.seen(), "query SELECT 1 []")
}

func TestARouteToADatabaseOfThisPackageThatIsDown(t *testing.T) {
	t.Parallel()
	db, _, _, _ := open(t)
	s := newServer("down")
	s.refused = errDown
	down := dbx.OpenDB(s)
	defer down.Close()
	ctx, _ := in(t, dbx.Route(db, down))
	_, err := ask(ctx, db)
	assert.ErrorIs(t, err, errDown)
	assert.EqualError(t, err, "dbx: SELECT: a connection of the database that it is routed to: the server is down")
	assert.Zero(t, down.Stats().InUse)
}

func TestWrongUseOfRoutePanicsInWords(t *testing.T) {
	t.Parallel()
	db, to, _, _ := open(t)
	assert.PanicsWithValue(t, "dbx: Route: nil *sql.DB", func() { dbx.Route(nil, to) })
	assert.PanicsWithValue(t, "dbx: Route: nil *sql.DB", func() { dbx.Route(db, nil) })
	assert.PanicsWithValue(t, "dbx: Route: the first *sql.DB, with driver dbx_test.fakeDriver, was not opened by dbx.Open, dbx.OpenDB or a driver of dbx.Register",
		func() { dbx.Route(to, db) })
}

func TestABindingPrintsDriversAlone(t *testing.T) {
	t.Parallel()
	db, to, _, _ := open(t)
	assert.Equal(t, "dbx.route=the database of driver dbx_test.fakeDriver → that of driver dbx_test.fakeDriver", dbx.Route(db, to).String())
	assert.Equal(t, "dbx.route=the database of driver dbx_test.fakeDriver → itself", dbx.Route(db, db).String())
	assert.Equal(t, "dbx.unrouted=Refuse", dbx.Unrouted.Bind(dbx.Refuse).String())
	assert.Equal(t, "Allow Policy(7)", dbx.Allow.String()+" "+dbx.Policy(7).String())
}

func TestExplainListsTheRoutes(t *testing.T) {
	t.Parallel()
	db, to, _, _ := open(t)
	other, _, _, _ := open(t)
	ctx, _ := in(t, dbx.Route(db, to), dbx.Route(other, db))
	const of = "the database of driver dbx_test.fakeDriver"
	assert.Contains(t, scope.Explain(ctx, dbx.Routing), "dbx.routes = "+of+" → that of driver dbx_test.fakeDriver, "+of+" → "+of+", bound in scope")
	assert.Contains(t, scope.Explain(scope.Detach(ctx), dbx.Routing), "dbx.routes = none, the default")
}
