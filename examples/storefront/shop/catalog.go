package shop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// A Product is something that the shop sells.
type Product struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	Price Cents  `json:"price"`
	Stock int64  `json:"stock"`
}

// Products returns all products, in the order of their names.
func Products(ctx context.Context) ([]Product, error) {
	rows, err := DB.QueryContext(ctx, `SELECT sku, name, price, stock FROM products ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("shop: products: %w", err)
	}
	defer rows.Close()
	list := []Product{}
	for rows.Next() {
		var p Product
		if err := rows.Scan(&p.SKU, &p.Name, &p.Price, &p.Stock); err != nil {
			return nil, fmt.Errorf("shop: products: %w", err)
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// FindProduct returns the product with a SKU, or ErrNotFound.
func FindProduct(ctx context.Context, sku string) (p Product, err error) {
	err = DB.QueryRowContext(ctx, `SELECT sku, name, price, stock FROM products WHERE sku = $1`, sku).
		Scan(&p.SKU, &p.Name, &p.Price, &p.Stock)
	if errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("product %q: %w", sku, ErrNotFound)
	}
	if err != nil {
		return p, fmt.Errorf("shop: product %q: %w", sku, err)
	}
	return p, nil
}
