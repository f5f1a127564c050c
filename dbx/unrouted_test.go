package dbx_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

func TestRefuseSendsNothingAndSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	db, to, own, _ := open(t)
	ctx, _ := in(t, dbx.Unrouted.Bind(dbx.Refuse))
	_, err := db.ExecContext(ctx, "UPDATE users SET password = 'hunter2' WHERE name = $1", "ann@example.com")
	require.ErrorIs(t, err, dbx.ErrRefused)
	assert.EqualError(t, err, `dbx: UPDATE users: refused: no route for the database of driver dbx_test.fakeDriver in scope "TestRefuseSendsNothingAndSaysWhatIsMissing", and dbx.Unrouted is Refuse: bind dbx.Route(db, to)`)

	_, err = ask(ctx, db)
	assert.ErrorContains(t, err, "dbx: SELECT: refused")
	_, err = db.BeginTx(ctx, nil)
	assert.ErrorContains(t, err, "dbx: begin: refused")
	assert.ErrorContains(t, db.PingContext(ctx), "dbx: ping: refused")
	_, err = db.PrepareContext(ctx, "DELETE FROM users")
	assert.ErrorContains(t, err, "dbx: DELETE FROM users: refused")
	c, err := db.Conn(ctx)
	require.NoError(t, err)
	assert.ErrorContains(t, dbx.Raw(ctx, c, func(any) error { return nil }), "dbx: Raw: refused")
	require.NoError(t, c.Close())

	unnamed := scope.With(scope.Detach(context.Background()), dbx.Unrouted.Bind(dbx.Refuse))
	assert.ErrorContains(t, db.PingContext(unnamed), "in a scope without a name, and dbx.Unrouted is Refuse")
	assert.Empty(t, own.seen())
	assert.Equal(t, "routed[]", asked(t, scope.With(ctx, dbx.Route(db, to)), db), "what is routed is not refused")
	assert.Equal(t, "own[]", asked(t, scope.With(ctx, dbx.Route(db, db)), db), "nor what is routed to itself")
}

// Serial, because the default is the whole process's.
func TestRefuseByDefaultHoldsOutsideOfScopes(t *testing.T) {
	restore := dbx.Unrouted.SetDefault(dbx.Refuse)
	defer restore()
	db, to, own, _ := open(t)
	_, err := ask(context.Background(), db)
	assert.ErrorIs(t, err, dbx.ErrRefused)
	assert.ErrorContains(t, err, "and no scope in the context or the goroutine")
	assert.Equal(t, scope.Carrier() != "labels", strings.Contains(err.Error(), "call the code under test in scope.Run"))
	ctx, _ := in(t, dbx.Route(db, to))
	assert.Equal(t, "routed[]", asked(t, ctx, db))
	assert.Empty(t, own.seen())
	assert.Equal(t, "own[]", asked(t, scope.With(ctx, dbx.Route(db, db)), db))
}

func TestAnEndedScopeReachesNoDatabase(t *testing.T) {
	t.Parallel()
	db, to, own, routed := open(t)
	ctx, end := in(t, dbx.Route(db, to))
	end()
	_, err := db.ExecContext(ctx, "DELETE FROM users")
	assert.ErrorIs(t, err, scope.ErrEnded)
	assert.EqualError(t, err, `dbx: DELETE FROM users: scope "TestAnEndedScopeReachesNoDatabase" has ended`)
	assert.Empty(t, own.seen())
	assert.Empty(t, routed.seen())
}

func TestErrorsNameAStatementsFirstWordsAndNoValue(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		"SELECT name, id FROM users WHERE name = 'ann'":            "SELECT name, id FROM users",
		"select * from users where secret = 'x'":                   "select * from users",
		"SELECT 'secret'":                                          "SELECT",
		"SELECT 42":                                                "SELECT",
		"SELECT count(*) FROM users":                               "SELECT count",
		`SELECT "secret" FROM users`:                               "SELECT",
		"UPDATE users SET name = 'x'":                              "UPDATE users",
		"SET app.token TO secret":                                  "SET app.token",
		"INSERT INTO users VALUES ('secret')":                      "INSERT INTO users",
		"INSERT INTO users(name) VALUES ('x')":                     "INSERT INTO users",
		"-- name: GetUser :one\nSELECT name FROM users":            "SELECT name FROM users",
		"/* traceparent=secret */\n  -- more\nDELETE FROM a.users": "DELETE FROM a.users",
		"SELECT a, b, c, d, e, f, g FROM users":                    "SELECT a, b, c, d, e,",
		"":                                                         "a statement",
		"'secret'":                                                 "a statement",
		"/* secret":                                                "a statement",
		"SELECT straße FROM ünïcode":                               "SELECT straße FROM ünïcode",
	} {
		assert.Equal(t, want, dbx.FirstWords(statement), "%q", statement)
	}
}
