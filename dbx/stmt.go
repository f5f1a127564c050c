package dbx

import (
	"context"
	"database/sql/driver"
	"slices"
)

// A stmt is a statement of a proxy. It is prepared on the connection that the proxy
// stands for. If the proxy stands for another connection when the statement is used, it
// is prepared again.
type stmt struct {
	proxy  *proxy
	query  string
	real   driver.Stmt // nil if it is not prepared
	on     *routed     // the connection on which real is prepared; nil for the proxy's own
	opened int         // proxy.opened when real was prepared
}

// prepared returns the statement on the connection that the proxy stands for.
func (s *stmt) prepared(ctx context.Context) (driver.Stmt, error) {
	p := s.proxy
	conn, err := p.use(ctx, s.query)
	if err != nil {
		return nil, err
	}
	if s.real != nil && s.on == p.routed && (s.on != nil || s.opened == p.opened) {
		return s.real, nil
	}
	s.closeReal()
	ctx, stop := p.routed.during(ctx)
	defer stop()
	if s.real, err = prepare(ctx, conn, s.query); err != nil {
		s.real = nil
		return nil, p.routed.explain(s.query, err)
	}
	s.opened = p.opened
	if s.on = p.routed; s.on != nil {
		s.on.stmts = append(s.on.stmts, s)
	}
	return s.real, nil
}

func (s *stmt) closeReal() (err error) {
	if s.real != nil {
		err = s.real.Close()
	}
	s.real, s.on = nil, nil
	return err
}

func (s *stmt) Close() error {
	if r := s.on; r != nil {
		i := slices.Index(r.stmts, s)
		r.stmts = slices.Delete(r.stmts, i, i+1)
	}
	return s.closeReal()
}

// NumInput and CheckNamedValue accept all arguments. The arguments are counted and
// converted later, when the connection is known.
func (s *stmt) NumInput() int                            { return -1 }
func (s *stmt) CheckNamedValue(*driver.NamedValue) error { return nil }

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	real, err := s.prepared(ctx)
	if err != nil {
		return nil, err
	}
	p := s.proxy
	ctx, stop := p.routed.during(ctx)
	defer stop()
	result, err := execStmt(ctx, p.now, real, args)
	return result, p.routed.explain(s.query, err)
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	real, err := s.prepared(ctx)
	if err != nil {
		return nil, err
	}
	p := s.proxy
	rows, err := queryStmt(p.routed.untilReleased(ctx), p.now, real, args)
	return rows, p.routed.explain(s.query, err)
}

// Exec and Query are part of driver.Stmt. Package sql does not call them.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), named(args))
}

func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), named(args))
}
