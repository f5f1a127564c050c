package shop

import (
	"context"
)

// A Product is something that the shop sells.
type Product struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Price Cents  `json:"price"`
	Stock int64  `json:"stock"`
}

// Products returns all products, by name.
func Products(ctx context.Context) ([]Product, error) {
	rows, err := DB.QueryContext(ctx, "SELECT id, name, price, stock FROM products ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	products := []Product{} // not nil, which would be null in JSON
	for rows.Next() {
		var p Product
		if err := rows.Scan(&p.ID, &p.Name, &p.Price, &p.Stock); err != nil {
			return nil, err
		}
		products = append(products, p)
	}
	return products, rows.Err()
}
