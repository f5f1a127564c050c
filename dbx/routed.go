package dbx

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"github.com/scopetree/scope"
)

// A routed connection is one that a proxy has taken out of the pool of the
// database that its scope routes to. While it is out, nobody else has it. The
// methods of a nil *routed do nothing: they are for a proxy's own connection.
type routed struct {
	pool    *sql.Conn
	conn    driver.Conn // what the driver made
	stmts   []*stmt     // prepared on it
	scope   string      // the scope's name; "" if it does not end
	running *running    // the scope's connections; nil if it does not end

	mu      sync.Mutex                // guards what follows
	ended   bool                      // the scope has
	cancels []context.CancelCauseFunc // of the operations under way
}

// take takes a connection out of to's pool, for a proxy of db.
func take(ctx context.Context, db *database, to *sql.DB) (_ *routed, err error) {
	r := &routed{scope: scope.Name(ctx)}
	if r.scope != "" {
		r.running = runningIn.Get(ctx)
		r.running.add(r)
		defer func() {
			if err != nil {
				r.running.remove(r)
			}
		}()
		if err := scope.Err(ctx); err != nil {
			return nil, err // it ended just now: running is another scope's
		}
	}
	during, stop := r.during(ctx)
	defer stop()
	if r.pool, err = alive(during, db, to); err == nil {
		err = r.pool.Raw(func(driverConn any) error {
			r.conn, err = bare(during, driverConn)
			return err
		})
		if err != nil {
			r.pool.Close()
		}
	}
	switch {
	case err == nil:
		return r, nil
	case r.err() != nil:
		return nil, r.err()
	case errors.Is(err, driver.ErrBadConn) || err == ctx.Err():
		return nil, &unchanged{err}
	}
	return nil, fmt.Errorf("a connection of the database that it is routed to: %w", err)
}

// alive returns a connection of to. After one that was bad, those that are left
// in its pool are asked, for package sql retries only three times, and its last
// try counts on a new connection.
func alive(ctx context.Context, db *database, to *sql.DB) (*sql.Conn, error) {
	if !db.suspect.Swap(false) {
		return to.Conn(ctx)
	}
	for range to.Stats().Idle {
		c, err := to.Conn(ctx)
		if err != nil {
			return nil, err
		}
		if !errors.Is(c.PingContext(ctx), driver.ErrBadConn) { // else package sql has discarded it
			return c, nil
		}
	}
	return to.Conn(ctx)
}

// bare returns the connection of a driver. A database that a route leads to may
// be one of this package too; no further route is followed.
func bare(ctx context.Context, driverConn any) (driver.Conn, error) {
	p, ok := driverConn.(*proxy)
	if !ok {
		return driverConn.(driver.Conn), nil
	}
	err := p.bindOwn(ctx)
	return p.now, err
}

// release puts the connection back into its pool, or has it closed.
func (r *routed) release(bad bool) {
	for _, s := range r.stmts {
		s.closeReal()
	}
	if r.running != nil {
		r.running.remove(r)
	}
	r.cancel(nil)
	if bad {
		r.pool.Raw(func(any) error { return driver.ErrBadConn })
		return
	}
	r.pool.Close()
}

// during returns a context for an operation that is over when stop is called.
// It is done when ctx is, and when the scope ends.
func (r *routed) during(ctx context.Context) (_ context.Context, stop func()) {
	if r == nil || r.running == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		cancel(r.endedErr())
		return ctx, func() {}
	}
	r.cancels = append(r.cancels, cancel)
	return ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !r.ended {
			r.cancels = r.cancels[:len(r.cancels)-1]
		}
		cancel(nil)
	}
}

// onward is during for rows and transactions, which last until the connection
// is put back at most.
func (r *routed) onward(ctx context.Context) context.Context {
	ctx, _ = r.during(ctx)
	return ctx
}

// cancel cancels what is under way.
func (r *routed) cancel(cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, cancel := range r.cancels {
		cancel(cause)
	}
	r.cancels = nil
	r.ended = r.ended || cause != nil
}

// err returns an error if the scope has ended.
func (r *routed) err() error {
	if r == nil || r.running == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return r.endedErr()
	}
	return nil
}

func (r *routed) endedErr() error { return fmt.Errorf("scope %q %w", r.scope, scope.ErrEnded) }

// explain adds to the error of an operation that the scope has ended.
func (r *routed) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	if ended := r.err(); ended != nil {
		return fmt.Errorf("dbx: %s: %w: %w", firstWords(what), ended, err)
	}
	return err
}

// running is a scope's routed connections that are out of their pools.
type running struct {
	mu    sync.Mutex
	conns map[*routed]struct{}
}

// runningIn has one for each scope that ends.
var runningIn = scope.NewResource(
	func() *running { return &running{conns: map[*routed]struct{}{}} },
	(*running).end,
)

func (r *running) add(c *routed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.conns[c] = struct{}{}
}

func (r *running) remove(c *routed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
}

func (r *running) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		c.cancel(c.endedErr())
	}
}
