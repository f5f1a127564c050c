package sql_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

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
	unrouted := memory(b, dbx.Open)
	to := memory(b, sql.Open)
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
