package sql_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

func memory(t testing.TB, open func(string, string) (*sql.DB, error)) *sql.DB {
	db, err := open("sqlite", ":memory:")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func fill(t testing.TB, db *sql.DB) {
	_, err := db.Exec(`CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'ann'), (2, 'bob')`)
	require.NoError(t, err)
}

func point(b *testing.B, ctx context.Context, db *sql.DB) {
	b.ReportAllocs()
	for b.Loop() {
		var name string
		if err := db.QueryRowContext(ctx, "SELECT name FROM users WHERE id = ?", 2).Scan(&name); err != nil || name != "bob" {
			b.Fatal(name, err)
		}
	}
}

func BenchmarkQuery(b *testing.B) {
	bare := memory(b, sql.Open)
	fill(b, bare)
	unrouted := memory(b, dbx.Open)
	fill(b, unrouted)
	to := memory(b, sql.Open)
	fill(b, to)
	bg := context.Background()
	b.Run("bare", func(b *testing.B) { point(b, bg, bare) })
	cancellable, cancel := context.WithCancel(bg)
	defer cancel()
	b.Run("bare-cancellable", func(b *testing.B) { point(b, cancellable, bare) })
	b.Run("unrouted", func(b *testing.B) { point(b, bg, unrouted) })
	ctx := scope.With(bg, dbx.Route(unrouted, to))
	b.Run("routed", func(b *testing.B) { point(b, ctx, unrouted) })
	ctx, end := scope.New(ctx, "bench")
	defer end()
	b.Run("routed-ends", func(b *testing.B) { point(b, ctx, unrouted) })
	ctx, cancel = context.WithCancel(ctx)
	defer cancel()
	b.Run("routed-ends-cancellable", func(b *testing.B) { point(b, ctx, unrouted) })
}
