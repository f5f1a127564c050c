package dbx

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// A proxy is a connection in the pool of the program's *sql.DB. When it is used for the
// first time after it left the pool, it asks for the scope's route. From then on, until
// it goes back to the pool, it stands for one of two connections: a connection to the
// program's own database, which it opens once and keeps, or a connection from the pool of
// the database that the route leads to.
//
// Without routes a proxy is therefore as good as its own connection. The limits and
// lifetimes of the program's pool hold for that connection.
//
// Package sql holds a lock while it calls a method of a proxy, or of a statement, a
// transaction or rows that come from it. So a proxy needs no lock.
type proxy struct {
	db      *database
	now     driver.Conn // the connection that the proxy stands for; nil before the first use
	own     driver.Conn // the connection to the own database; nil until it is needed
	opened  int         // number of times that own was opened
	dirty   bool        // own went back to the pool, and was not reset since
	routed  *routed     // &link if now is routed, or nil
	link    routed
	discard bool // now must be closed, and not used again
}

// use returns the connection that the proxy stands for. what is a statement or the name
// of another operation, for errors.
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

// bind decides which connection the proxy stands for.
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

// bindOwn makes the proxy stand for its own connection. It resets the connection as
// package sql does when a connection leaves a pool: if the connection turns out to be
// bad, it opens another one, and it ignores other errors of the reset.
func (p *proxy) bindOwn(ctx context.Context) error {
	if r, ok := p.own.(driver.SessionResetter); ok && p.dirty && errors.Is(r.ResetSession(ctx), driver.ErrBadConn) {
		p.own.Close()
		p.own = nil
	}
	if p.own == nil {
		conn, err := p.db.connector.Connect(ctx)
		if err != nil {
			return &unchanged{err} // conn may be a nil pointer: lib/pq returns one
		}
		p.own = conn
		p.opened++
	}
	p.dirty = false
	p.now = p.own
	return nil
}

// ResetSession does nothing. Package sql calls it when a proxy leaves the pool, after a
// cancelled transaction too. The connection is reset later, when it is known which one
// the proxy stands for.
func (p *proxy) ResetSession(context.Context) error { return nil }

// IsValid ends the use of a connection, and reports whether the pool may keep the proxy.
// Package sql calls it when it puts the proxy back into the pool.
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

// Close closes the proxy. Package sql calls it in place of IsValid if the connection is
// bad, and after IsValid if the pool does not keep the proxy.
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

// CheckNamedValue accepts every argument. The arguments are converted later, when the
// connection is known.
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
	if p.routed != nil && p.routed.end != nil {
		tx = &endingTx{tx, p.routed}
	}
	_, resets := conn.(driver.SessionResetter)
	_, validates := conn.(driver.Validator)
	if resets && validates {
		return tx, nil
	}
	return &discardingTx{tx, p, ctx}, nil
}

// An endingTx is a transaction in a scope that ends. It can't be committed after that.
type endingTx struct {
	driver.Tx
	routed *routed
}

func (t *endingTx) Commit() error {
	if err := t.routed.err(); err != nil {
		t.Tx.Rollback() // package sql takes the transaction for done
		return failed("commit", err)
	}
	return t.routed.explain("commit", t.Tx.Commit())
}

// A discardingTx is a transaction on a connection without SessionResetter or Validator.
// When a transaction's context is cancelled, package sql discards such a connection. It
// can't see that a proxy stands for one, so the discardingTx does it.
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

// Prepare and Begin are part of driver.Conn. Package sql does not call them.
func (p *proxy) Prepare(query string) (driver.Stmt, error) {
	return p.PrepareContext(context.Background(), query)
}

func (p *proxy) Begin() (driver.Tx, error) {
	return p.BeginTx(context.Background(), driver.TxOptions{})
}

// Raw is [sql.Conn.Raw], except that f gets the driver's connection and not the proxy.
// If this is the first use of c, the scope that decides for ctx picks the database. c
// may also come from a *sql.DB that this package did not open.
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

// failed returns an error for an operation that failed before anything was sent.
func failed(what string, err error) error {
	if u, ok := err.(*unchanged); ok {
		return u.error
	}
	return fmt.Errorf("dbx: %s: %w", firstWords(what), err)
}

// An unchanged is an error that the caller would also get without this package.
type unchanged struct{ error }

func (u *unchanged) Unwrap() error { return u.error }
