package shop

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed schema.sql
var schema string

// Migrate makes the shop's tables where they are missing. It works for SQLite and
// for PostgreSQL.
func Migrate(ctx context.Context, db *sql.DB) error {
	for statement := range strings.SplitSeq(schema, ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("shop: make the tables: %w", err)
		}
	}
	return nil
}

// Sample has some products to start with.
var Sample = []Product{
	{SKU: "mug", Name: "Mug, 300 ml", Price: 1250, Stock: 40},
	{SKU: "lamp", Name: "Desk lamp", Price: 4900, Stock: 12},
	{SKU: "chair", Name: "Chair, oak", Price: 123450, Stock: 3},
	{SKU: "print", Name: "Print “Dünen”, A2", Price: 2900, Stock: 0},
}

// AddProducts adds products, and leaves those alone that are there.
func AddProducts(ctx context.Context, db *sql.DB, products ...Product) error {
	for _, p := range products {
		_, err := db.ExecContext(ctx,
			`INSERT INTO products (sku, name, price, stock) VALUES ($1, $2, $3, $4) ON CONFLICT (sku) DO NOTHING`,
			p.SKU, p.Name, int64(p.Price), p.Stock)
		if err != nil {
			return fmt.Errorf("shop: add the product %q: %w", p.SKU, err)
		}
	}
	return nil
}
