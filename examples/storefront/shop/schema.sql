CREATE TABLE IF NOT EXISTS products (
	sku   TEXT PRIMARY KEY,
	name  TEXT NOT NULL,
	price BIGINT NOT NULL CHECK (price >= 0),
	stock BIGINT NOT NULL CHECK (stock >= 0)
);

CREATE TABLE IF NOT EXISTS orders (
	id       TEXT PRIMARY KEY,
	sku      TEXT NOT NULL REFERENCES products (sku),
	quantity BIGINT NOT NULL CHECK (quantity > 0),
	email    TEXT NOT NULL,
	total    BIGINT NOT NULL,
	status   TEXT NOT NULL,
	charge   TEXT NOT NULL DEFAULT '',
	tracking TEXT NOT NULL DEFAULT '',
	placed   BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS orders_by_charge ON orders (charge);
