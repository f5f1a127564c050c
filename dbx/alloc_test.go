package dbx_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

// What an operation costs in allocations, against the same on a *sql.DB that
// this package has not opened.
func TestOperationsAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	db, to, _, _ := open(t)
	bare := sql.OpenDB(newServer("bare"))
	defer bare.Close()
	other := dbx.OpenDB(newServer("other"))
	defer other.Close()
	background := scope.Detach(context.Background())
	ending, end := scope.New(background, "ends")
	defer end()
	run := func(ctx context.Context, db *sql.DB) (exec, query, stmt float64) {
		s, err := db.PrepareContext(ctx, "UPDATE ?")
		require.NoError(t, err)
		defer s.Close()
		exec = testing.AllocsPerRun(200, func() { db.ExecContext(ctx, "UPDATE ?", "a") })
		query = testing.AllocsPerRun(200, func() { ask(ctx, db) })
		stmt = testing.AllocsPerRun(200, func() { s.ExecContext(ctx, "a") })
		return exec, query, stmt
	}
	wantExec, wantQuery, wantStmt := run(background, bare)
	for _, tt := range []struct {
		name string
		ctx  context.Context
		most float64 // more, for a query that is not prepared
	}{
		{"no scope", context.Background(), 0},
		{"a scope without routes", scope.Set(background, scope.NewKey("key", 0), 1), 0},
		{"a scope that allows", scope.With(background, dbx.Unrouted.Bind(dbx.Allow)), 0},
		{"a route of another database", scope.With(background, dbx.Route(other, to)), 0},
		{"routed", scope.With(background, dbx.Route(db, to)), 2},
		{"routed in a scope that ends", scope.With(ending, dbx.Route(db, to)), 4},
	} {
		exec, query, stmt := run(tt.ctx, db)
		assert.LessOrEqual(t, exec-wantExec, tt.most, "%s: exec", tt.name)
		assert.LessOrEqual(t, query-wantQuery, tt.most, "%s: query", tt.name)
		if tt.most == 0 {
			assert.LessOrEqual(t, stmt-wantStmt, 0.0, "%s: statement", tt.name)
		}
		t.Logf("%s: %v more for exec, %v for a query", tt.name, exec-wantExec, query-wantQuery)
	}
}
