package shop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// reserve takes an order's pieces out of the stock and saves the order, or does
// neither.
func reserve(ctx context.Context, o Order) error {
	return inTransaction(ctx, func(tx *sql.Tx) error {
		taken, err := tx.ExecContext(ctx, `UPDATE products SET stock = stock - $1 WHERE sku = $2 AND stock >= $1`, o.Quantity, o.SKU)
		if err != nil {
			return err
		}
		if n, err := taken.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return fmt.Errorf("product %q: %w", o.SKU, ErrOutOfStock)
		}
		_, err = tx.ExecContext(ctx,
			`INSERT INTO orders (id, sku, quantity, email, total, status, placed) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			o.ID, o.SKU, o.Quantity, o.Email, int64(o.Total), string(o.Status), o.Placed.UnixMilli())
		return err
	})
}

// release puts an order's pieces back into the stock and saves the order.
func release(ctx context.Context, o Order) error {
	return inTransaction(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE products SET stock = stock + $1 WHERE sku = $2`, o.Quantity, o.SKU); err != nil {
			return err
		}
		return update(ctx, tx, o)
	})
}

// save writes what may change in an order.
func save(ctx context.Context, o Order) error {
	return inTransaction(ctx, func(tx *sql.Tx) error { return update(ctx, tx, o) })
}

func update(ctx context.Context, tx *sql.Tx, o Order) error {
	_, err := tx.ExecContext(ctx, `UPDATE orders SET status = $1, charge = $2, tracking = $3 WHERE id = $4`,
		string(o.Status), o.Charge, o.Tracking, o.ID)
	return err
}

func inTransaction(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := DB.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("shop: %w", err)
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("shop: %w", err)
	}
	return nil
}

// FindOrder returns the order with an id, or ErrNotFound.
func FindOrder(ctx context.Context, id string) (Order, error) {
	return findOrder(ctx, "id", id)
}

// findOrder finds an order by a column that no two share.
func findOrder(ctx context.Context, column, value string) (o Order, err error) {
	var placed int64
	err = DB.QueryRowContext(ctx,
		`SELECT id, sku, quantity, email, total, status, charge, tracking, placed FROM orders WHERE `+column+` = $1`, value).
		Scan(&o.ID, &o.SKU, &o.Quantity, &o.Email, &o.Total, &o.Status, &o.Charge, &o.Tracking, &placed)
	if errors.Is(err, sql.ErrNoRows) {
		return o, fmt.Errorf("order %q: %w", value, ErrNotFound)
	}
	if err != nil {
		return o, fmt.Errorf("shop: order %q: %w", value, err)
	}
	o.Placed = time.UnixMilli(placed).UTC()
	return o, nil
}
