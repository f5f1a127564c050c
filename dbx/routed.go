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

// A routed is a connection that a proxy has taken from the pool of the database that its
// scope routes to. No other code has it meanwhile. The methods of a nil *routed do
// nothing. A proxy has a nil *routed while it stands for its own connection.
type routed struct {
	route *route
	pool  *sql.Conn
	conn  driver.Conn // the driver's connection
	stmts []*stmt     // statements that are prepared on conn
	scope string
	end   context.Context // done when the scope ends; nil if it does not

	// The last argument and result of untilReleased, and functions that cancel all of its
	// results.
	given, made context.Context
	stops       []func()
}

// take takes a connection from the pool that a route leads to.
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
		return err // it has just ended, so r.end belongs to a scope around it
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

// connection returns a connection from the pool. If an earlier one was bad, it first
// closes the idle connections, because they may be bad too. Package sql makes only three
// attempts, and the last of them needs a new connection.
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

// discard closes a connection instead of putting it back into its pool.
func discard(c *sql.Conn) { c.Raw(func(any) error { return driver.ErrBadConn }) }

// bare returns the driver's connection. If this package opened the database too, the
// connection is a proxy. bare then returns the proxy's own connection, and follows no
// further route.
func bare(ctx context.Context, driverConn any) (driver.Conn, error) {
	p, ok := driverConn.(*proxy)
	if !ok {
		return driverConn.(driver.Conn), nil
	}
	err := p.bindOwn(ctx)
	return p.own, err
}

// release puts the connection back into its pool, or closes it if it is bad.
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

// clear makes r ready for its next use. An idle proxy keeps nothing of a scope alive.
func (r *routed) clear() {
	clear(r.stmts)
	clear(r.stops)
	*r = routed{stmts: r.stmts[:0], stops: r.stops[:0]}
}

// during returns a context for an operation. It is done when ctx is done or the scope
// ends. Call stop when the operation is over.
func (r *routed) during(ctx context.Context) (_ context.Context, stop func()) {
	if ctx, stop = r.withEnd(ctx); stop == nil {
		stop = func() {}
	}
	return ctx, stop
}

// untilReleased is during for rows and transactions, which may last until the connection
// is released. The statements of a transaction usually have the same context, so
// untilReleased keeps its last result.
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

// withEnd is during, except that stop is nil if there is nothing to stop.
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

// explain adds to the error of an operation that the scope has ended, if it has.
func (r *routed) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	if ended := r.err(); ended != nil {
		return fmt.Errorf("dbx: %s: %w: %w", firstWords(what), ended, err)
	}
	return err
}

// ends has a context for each scope that ends. The context is cancelled at the end of the
// scope. For all other scopes it has never.
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

// An endingContext has the values of a context that is never done. It is done when a
// scope ends.
type endingContext struct {
	context.Context
	end context.Context
}

func (e endingContext) Done() <-chan struct{} { return e.end.Done() }
func (e endingContext) Err() error            { return e.end.Err() }

// Value also finds what package context keeps in e.end. So package context starts no
// goroutine for contexts that a driver derives.
func (e endingContext) Value(key any) any {
	if v := e.Context.Value(key); v != nil {
		return v
	}
	return e.end.Value(key)
}
