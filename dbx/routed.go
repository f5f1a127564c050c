package dbx

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"

	"github.com/scopetree/scope"
)

// A routed connection is one that a proxy has taken out of the pool of the
// database that its scope routes to. While it is out, nobody else has it. The
// methods of a nil *routed do nothing: they are for a proxy's own connection.
type routed struct {
	route *route
	pool  *sql.Conn
	conn  driver.Conn // what the driver made
	stmts []*stmt     // prepared on it
	scope string
	end   context.Context // done when the scope ends; nil if it does not

	// untilReleased's latest context, and what it made of it; and what stops all
	// that it made.
	given, made context.Context
	stops       []func()
}

// take takes a connection out of the pool that a route leads to.
func (r *routed) take(ctx context.Context, to *route) (err error) {
	defer func() {
		if err != nil {
			r.clear()
		}
	}()
	r.route = to
	if e := ends.Get(ctx); e != never {
		r.scope, r.end = scope.Name(ctx), e.ctx
	}
	if err := scope.Err(ctx); err != nil {
		return err // it ended just now, and r.end is of a scope around it
	}
	during, stop := r.during(ctx)
	defer stop()
	err = r.connect(during)
	switch {
	case err == nil:
		return nil
	case r.err() != nil:
		return r.err()
	case errors.Is(err, driver.ErrBadConn) || err == ctx.Err():
		return &unchanged{err}
	}
	return fmt.Errorf("a connection of the database that it is routed to: %w", err)
}

func (r *routed) connect(ctx context.Context) error {
	pool, err := r.route.connection(ctx)
	if err != nil {
		return err
	}
	r.pool = pool
	err = pool.Raw(func(driverConn any) (err error) {
		r.conn, err = bare(ctx, driverConn)
		return err
	})
	if err != nil {
		pool.Close()
	}
	return err
}

// connection returns one from the pool. After one that was bad it has those that
// are idle closed, because they may be bad too, and package sql makes only three
// attempts, the last of which has to be on a new connection.
func (r *route) connection(ctx context.Context) (*sql.Conn, error) {
	if r.lost.CompareAndSwap(true, false) {
		for range r.to.Stats().Idle {
			if c, err := r.to.Conn(ctx); err == nil {
				discard(c)
			}
		}
	}
	return r.to.Conn(ctx)
}

// discard has a connection closed instead of put back into its pool.
func discard(c *sql.Conn) { c.Raw(func(any) error { return driver.ErrBadConn }) }

// bare returns the connection of a driver. A database that a route leads to may
// be one of this package too; no further route is followed.
func bare(ctx context.Context, driverConn any) (driver.Conn, error) {
	p, ok := driverConn.(*proxy)
	if !ok {
		return driverConn.(driver.Conn), nil
	}
	err := p.bindOwn(ctx)
	return p.own, err
}

// release puts the connection back into its pool, or has it closed.
func (r *routed) release(bad bool) {
	for _, s := range r.stmts {
		s.closeReal()
	}
	for _, stop := range r.stops {
		stop()
	}
	if bad {
		discard(r.pool)
	} else {
		r.pool.Close()
	}
	r.clear()
}

// clear makes r ready to be used again. An idle proxy keeps nothing of a scope.
func (r *routed) clear() {
	clear(r.stmts)
	clear(r.stops)
	*r = routed{stmts: r.stmts[:0], stops: r.stops[:0]}
}

// during returns a context for an operation that is over when stop is called.
// It is done when ctx is, and when the scope ends.
func (r *routed) during(ctx context.Context) (_ context.Context, stop func()) {
	if ctx, stop = r.withEnd(ctx); stop == nil {
		stop = func() {}
	}
	return ctx, stop
}

// untilReleased is during for rows and transactions, which may last until the
// connection is released. In a transaction they usually have the same context.
func (r *routed) untilReleased(ctx context.Context) context.Context {
	if r == nil || r.end == nil {
		return ctx
	}
	if r.given != nil && reflect.ValueOf(ctx).Comparable() && r.given == ctx {
		return r.made
	}
	made, stop := r.withEnd(ctx)
	if stop != nil {
		r.given, r.made, r.stops = ctx, made, append(r.stops, stop)
	}
	return made
}

// withEnd is during, but for a nil stop where there is nothing to stop.
func (r *routed) withEnd(ctx context.Context) (_ context.Context, stop func()) {
	if r == nil || r.end == nil {
		return ctx, nil
	}
	if ctx.Done() == nil {
		return endingContext{ctx, r.end}, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	forget := context.AfterFunc(r.end, cancel)
	return ctx, func() {
		forget()
		cancel()
	}
}

// err returns an error if the scope has ended.
func (r *routed) err() error {
	if r == nil || r.end == nil || r.end.Err() == nil {
		return nil
	}
	return fmt.Errorf("scope %q %w", r.scope, scope.ErrEnded)
}

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

// ends has, for each scope that ends, a context that is cancelled then. All
// others have never.
var (
	ends = scope.NewResource(func() *end {
		ctx, cancel := context.WithCancel(context.Background())
		return &end{ctx, cancel}
	}, func(e *end) { e.cancel() })
	never = ends.Get(scope.Detach(context.Background()))
)

type end struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// An endingContext has the values of a context that is never done, and is done
// when a scope ends.
type endingContext struct {
	context.Context
	end context.Context
}

func (e endingContext) Done() <-chan struct{} { return e.end.Done() }
func (e endingContext) Err() error            { return e.end.Err() }

// Value finds what package context keeps in e.end too, so that it starts no
// goroutine for contexts that a driver derives.
func (e endingContext) Value(key any) any {
	if v := e.Context.Value(key); v != nil {
		return v
	}
	return e.end.Value(key)
}
