package shop

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "modernc.org/sqlite"             // the driver sqlite

	"github.com/scopetree/scope/dbx"
)

// Open opens the shop's database and makes its tables: PostgreSQL for a URL that
// begins with postgres://, else the SQLite file of that name. ":memory:" is a SQLite
// database that ends with the process.
func Open(ctx context.Context, name string) (*sql.DB, error) {
	driver := "sqlite"
	if strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://") {
		driver = "pgx"
	}
	db, err := dbx.Open(driver, name) // the one line that knows of scopes: it was sql.Open
	if err != nil {
		return nil, fmt.Errorf("shop: open the database: %w", err)
	}
	if driver == "sqlite" {
		db.SetMaxOpenConns(1) // SQLite has one writer, and each connection to :memory: a database of its own
	}
	if err := Migrate(ctx, db); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}
