CREATE TABLE IF NOT EXISTS products (
	id    TEXT PRIMARY KEY,
	name  TEXT NOT NULL,
	price BIGINT NOT NULL CHECK (price > 0), -- cents
	stock BIGINT NOT NULL CHECK (stock >= 0)
);
CREATE TABLE IF NOT EXISTS orders (
	id          TEXT PRIMARY KEY,
	request_key TEXT NOT NULL UNIQUE, -- a request that is sent twice is one order
	status      TEXT NOT NULL,
	name        TEXT NOT NULL,
	email       TEXT NOT NULL,
	address     TEXT NOT NULL,
	currency    TEXT NOT NULL,
	shipping    BIGINT NOT NULL, -- cents
	total       BIGINT NOT NULL, -- cents, shipping included
	charge      TEXT NOT NULL DEFAULT '',
	tracking    TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS order_items (
	order_id   TEXT NOT NULL REFERENCES orders (id),
	product_id TEXT NOT NULL REFERENCES products (id),
	name       TEXT NOT NULL,
	quantity   BIGINT NOT NULL CHECK (quantity > 0),
	price      BIGINT NOT NULL, -- cents, as on the day of the order
	PRIMARY KEY (order_id, product_id)
);
CREATE TABLE IF NOT EXISTS payment_events (
	id TEXT PRIMARY KEY -- an event that is sent twice counts once
);
INSERT INTO products (id, name, price, stock) VALUES
	('buoy', 'Harbour buoy', 123450, 3),
	('compass', 'Pocket compass', 2900, 12),
	('lantern', 'Storm lantern', 4500, 8),
	('rope', 'Ten fathoms of rope', 1850, 40)
ON CONFLICT (id) DO NOTHING;
