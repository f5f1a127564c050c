package shop

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// errRepeated ends reserve's transaction if there is an order with the request's key.
var errRepeated = errors.New("an order with this key exists")

// reserve takes the cart's items out of the stock and makes an order of them, or does neither. If there is an order
// with the request's key already, it returns that order, and repeated is true.
func reserve(ctx context.Context, cfg config, c Cart) (o Order, repeated bool, err error) {
	id := newID()
	o = Order{ID: id, Status: Pending, Name: c.Name, Email: c.Email, Address: c.Address, Currency: cfg.currency, Shipping: cfg.fee}
	key := cmp.Or(c.Key, id)
	err = inTx(ctx, func(tx *sql.Tx) error {
		inserted, err := changed(tx.ExecContext(ctx, `INSERT INTO orders (id, request_key, status, name, email, address, currency, shipping, total)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0) ON CONFLICT (request_key) DO NOTHING`,
			id, key, o.Status, o.Name, o.Email, o.Address, o.Currency))
		if err != nil {
			return err
		}
		if !inserted {
			return errRepeated
		}
		if o.Items, err = take(ctx, tx, id, c.Items); err != nil {
			return err
		}
		for _, item := range o.Items {
			o.Total += item.Price * Cents(item.Quantity)
		}
		if cfg.freeFrom > 0 && o.Total >= cfg.freeFrom {
			o.Shipping = 0
		}
		o.Total += o.Shipping
		_, err = tx.ExecContext(ctx, "UPDATE orders SET shipping = $1, total = $2 WHERE id = $3", o.Shipping, o.Total, id)
		return err
	})
	if errors.Is(err, errRepeated) {
		o, err = findBy(ctx, "request_key", key)
		return o, true, err
	}
	return o, false, err
}

// take moves items from the stock to an order, sorted by product. So two orders never wait for each other.
func take(ctx context.Context, tx *sql.Tx, order string, wanted []CartItem) (taken []OrderItem, err error) {
	for _, item := range slices.SortedFunc(slices.Values(wanted), func(a, b CartItem) int { return cmp.Compare(a.Product, b.Product) }) {
		field := fmt.Sprintf("items[%d]", slices.Index(wanted, item))
		ok, err := changed(tx.ExecContext(ctx, "UPDATE products SET stock = stock - $1 WHERE id = $2 AND stock >= $1", item.Quantity, item.Product))
		if err != nil {
			return nil, err
		}
		got, left := OrderItem{Product: item.Product, Quantity: item.Quantity}, int64(0)
		err = tx.QueryRowContext(ctx, "SELECT name, price, stock FROM products WHERE id = $1", item.Product).Scan(&got.Name, &got.Price, &left)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil, invalid(field+".product", "There is no product %q.", item.Product)
		case err != nil:
			return nil, err
		case !ok:
			return nil, &Problem{http.StatusConflict, "out_of_stock", outOfStock(got.Name, left), field + ".quantity"}
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO order_items (order_id, product_id, name, quantity, price) VALUES ($1, $2, $3, $4, $5)",
			order, got.Product, got.Name, got.Quantity, got.Price)
		if err != nil {
			return nil, err
		}
		taken = append(taken, got)
	}
	return taken, nil
}

func outOfStock(name string, left int64) string {
	if left == 0 {
		return fmt.Sprintf("%s is sold out.", name)
	}
	return fmt.Sprintf("We have only %d left of %s.", left, name)
}

// release ends an order that is pending or being cancelled, and puts its items back into the stock.
func release(ctx context.Context, id string, status Status) error {
	return inTx(ctx, func(tx *sql.Tx) error {
		ok, err := move(ctx, tx, id, status, Pending, Cancelling)
		if err != nil || !ok {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE products SET stock = stock +
			(SELECT quantity FROM order_items WHERE order_id = $1 AND product_id = products.id)
			WHERE id IN (SELECT product_id FROM order_items WHERE order_id = $1)`, id)
		return err
	})
}
