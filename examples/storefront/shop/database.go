package shop

import (
	"context"
	"database/sql"
	_ "embed"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/scopetree/scope/dbx"
)

// DB is the shop's database.
var DB *sql.DB

//go:embed schema.sql
var schema string

// Open opens the database: a postgres:// URL, or the name of a SQLite file, or :memory:. It does not connect.
func Open(database string) (err error) {
	driver, source := "sqlite", database
	switch {
	case strings.HasPrefix(database, "postgres://"), strings.HasPrefix(database, "postgresql://"):
		driver = "pgx"
	case database != ":memory:":
		source += "?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_txlock=immediate"
	}
	DB, err = dbx.Open(driver, source) // the one line that is not sql.Open's
	if err == nil && database == ":memory:" {
		DB.SetMaxOpenConns(1) // a second connection would have another database
	}
	return err
}

// Migrate makes the tables and the first products, where they are missing.
func Migrate(ctx context.Context) error {
	_, err := DB.ExecContext(ctx, schema)
	return err
}

// inTx runs f in a transaction, which is rolled back if f returns an error.
func inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// changed reports whether a statement changed any row.
func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
