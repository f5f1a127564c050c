package dbx

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// A proxy is a connection in the pool of the program's *sql.DB. At its first
// use after it left the pool it asks for the scope's route, and from then on,
// until it is put back, it stands for one of two connections: its own, to the
// program's database, which it opens once and keeps; or one that it takes out
// of the pool of the database that the route leads to.
//
// So without routes a proxy is as good as its own connection, and the limits
// and lifetimes of the program's pool hold for that.
//
// Package sql holds a lock while it calls any method of a proxy or of what the
// proxy returned, and so a proxy needs none.
type proxy struct {
	db      *database
	now     driver.Conn // what the proxy stands for; nil before its first use
	own     driver.Conn // nil until it is needed
	opened  int         // how often own was opened
	dirty   bool        // own was put back, and has not been reset since
	routed  *routed     // &link if now is routed; else nil
	link    routed
	discard bool // now must not be used again
}

// use returns what the proxy stands for. what is a statement, or the name of
// another operation, for errors.
func (p *proxy) use(ctx context.Context, what string) (driver.Conn, error) {
	if p.now == nil {
		if err := p.bind(ctx); err != nil {
			return nil, failed(what, err)
		}
	}
	if err := p.routed.err(); err != nil {
		return nil, failed(what, err)
	}
	return p.now, nil
}

// bind finds out what the proxy stands for.
func (p *proxy) bind(ctx context.Context) error {
	r, err := p.db.route(ctx)
	switch {
	case err != nil:
		return err
	case r == nil:
		return p.bindOwn(ctx)
	}
	if err := p.link.take(ctx, r); err != nil {
		return err
	}
	p.routed, p.now = &p.link, p.link.conn
	return nil
}

// bindOwn has the proxy stand for its own connection. If that turns out to be
// bad when it is reset, it is replaced, as package sql does on the way out of a
// pool. Other errors of the reset don't count there either.
func (p *proxy) bindOwn(ctx context.Context) error {
	if r, ok := p.own.(driver.SessionResetter); ok && p.dirty && errors.Is(r.ResetSession(ctx), driver.ErrBadConn) {
		p.own.Close()
		p.own = nil
	}
	if p.own == nil {
		conn, err := p.db.connector.Connect(ctx)
		if err != nil {
			return &unchanged{err} // conn may be a nil pointer, as of lib/pq
		}
		p.own = conn
		p.opened++
	}
	p.dirty = false
	p.now = p.own
	return nil
}

// ResetSession tells package sql that a proxy is fit for use after a
// transaction that was cancelled. It is reset when it is known for which
// connection.
func (p *proxy) ResetSession(context.Context) error { return nil }

// IsValid is called when the proxy is put back into the pool.
func (p *proxy) IsValid() bool {
	valid := true
	if p.routed != nil {
		p.routed.release(p.discard)
		p.routed = nil
	} else if p.own != nil {
		v, ok := p.own.(driver.Validator)
		valid = !p.discard && (!ok || v.IsValid())
		p.dirty = true
	}
	p.now, p.discard = nil, false
	return valid
}

// Close is called in place of IsValid if the connection is bad, and after it if
// the pool does not keep the proxy.
func (p *proxy) Close() error {
	p.now = nil
	if p.routed != nil {
		p.routed.route.lost.Store(true)
		p.routed.release(true)
		p.routed = nil
	}
	if p.own == nil {
		return nil
	}
	return p.own.Close()
}

func (p *proxy) Ping(ctx context.Context) error {
	conn, err := p.use(ctx, "ping")
	if err != nil {
		return err
	}
	pinger, ok := conn.(driver.Pinger)
	if !ok {
		return nil
	}
	ctx, stop := p.routed.during(ctx)
	defer stop()
	return p.routed.explain("ping", pinger.Ping(ctx))
}

// CheckNamedValue accepts everything: the arguments are converted when it is
// known for which connection.
func (p *proxy) CheckNamedValue(*driver.NamedValue) error { return nil }

func (p *proxy) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	conn, err := p.use(ctx, query)
	if err != nil {
		return nil, err
	}
	ctx, stop := p.routed.during(ctx)
	defer stop()
	result, err := exec(ctx, conn, query, args)
	return result, p.routed.explain(query, err)
}

func (p *proxy) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	conn, err := p.use(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := queryRows(p.routed.untilReleased(ctx), conn, query, args)
	return rows, p.routed.explain(query, err)
}

func (p *proxy) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	conn, err := p.use(ctx, "begin")
	if err != nil {
		return nil, err
	}
	tx, err := begin(p.routed.untilReleased(ctx), conn, opts)
	if err != nil {
		return nil, p.routed.explain("begin", err)
	}
	_, resets := conn.(driver.SessionResetter)
	_, validates := conn.(driver.Validator)
	if resets && validates {
		return tx, nil
	}
	return &discardingTx{tx, p, ctx}, nil
}

// A discardingTx belongs to a connection that lacks SessionResetter or
// Validator. Package sql discards such a connection when a transaction's
// context is cancelled. It does not see that a proxy's connection is one.
type discardingTx struct {
	driver.Tx
	proxy *proxy
	ctx   context.Context
}

func (t *discardingTx) Rollback() error {
	if t.ctx.Err() != nil {
		t.proxy.discard = true
	}
	return t.Tx.Rollback()
}

func (p *proxy) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s := &stmt{proxy: p, query: query}
	if _, err := s.prepared(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Prepare and Begin are part of driver.Conn. Package sql calls neither.
func (p *proxy) Prepare(query string) (driver.Stmt, error) {
	return p.PrepareContext(context.Background(), query)
}

func (p *proxy) Begin() (driver.Tx, error) {
	return p.BeginTx(context.Background(), driver.TxOptions{})
}

// Raw is [sql.Conn.Raw], but for f's argument: that is the driver's connection,
// in the database that ctx's scope routes to if this is the first use of c. A c
// that comes from a database of another package is fine too.
func Raw(ctx context.Context, c *sql.Conn, f func(driverConn any) error) error {
	return c.Raw(func(driverConn any) error {
		p, ok := driverConn.(*proxy)
		if !ok {
			return f(driverConn)
		}
		conn, err := p.use(ctx, "Raw")
		if err != nil {
			return err
		}
		return f(conn)
	})
}

// failed says which operation failed before anything was sent.
func failed(what string, err error) error {
	if u, ok := err.(*unchanged); ok {
		return u.error
	}
	return fmt.Errorf("dbx: %s: %w", firstWords(what), err)
}

// An unchanged error is one that the caller would get without this package.
type unchanged struct{ error }

func (u *unchanged) Unwrap() error { return u.error }
