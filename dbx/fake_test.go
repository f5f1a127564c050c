package dbx_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

// A server is a database of a fake driver. It notes each call of its driver.
// A query returns one row: the server's name and the arguments.
type server struct {
	name string
	kind kind

	mu      sync.Mutex // guards what follows
	calls   []string
	refused error // what Connect returns
	epoch   int   // connections from before a restart are bad
	open    int
	prep    int // statements that are open
	blocked chan struct{}
}

// A kind says which optional interfaces the driver's connections have.
type kind string

const (
	modern kind = "all of today's" // and so the zero kind
	older  kind = "those of before contexts"
	plain  kind = "none"
)

func newServer(name string) *server { return &server{name: name, blocked: make(chan struct{}, 100)} }

func (s *server) Driver() driver.Driver { return fakeDriver{s} }

type fakeDriver struct{ s *server }

func (d fakeDriver) Open(string) (driver.Conn, error) { return d.s.Connect(context.Background()) }

func (s *server) Connect(context.Context) (driver.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, "connect")
	if s.refused != nil {
		return (*modernConn)(nil), s.refused // as lib/pq does
	}
	s.open++
	c := plainConn{s, s.epoch}
	switch s.kind {
	case plain:
		return &c, nil
	case older:
		return &olderConn{c}, nil
	}
	return &modernConn{c}, nil
}

func (s *server) call(c *plainConn, format string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
	if c.epoch != s.epoch {
		return driver.ErrBadConn
	}
	return nil
}

// restart makes all of its connections bad.
func (s *server) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
}

// seen returns the calls since it was last asked.
func (s *server) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

func (s *server) counts() (conns, stmts int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open, s.prep
}

type plainConn struct {
	s     *server
	epoch int
}

func (c *plainConn) Prepare(query string) (driver.Stmt, error) {
	if err := c.s.call(c, "prepare %s", query); err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.prep++
	st := plainStmt{c, query, sync.OnceFunc(func() {
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		c.s.prep--
	})}
	if c.s.kind == "" || c.s.kind == modern {
		return &modernStmt{st}, nil
	}
	return &st, nil
}

func (c *plainConn) Begin() (driver.Tx, error) { return &fakeTx{c}, c.s.call(c, "begin") }

func (c *plainConn) Close() error {
	c.s.call(c, "close")
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.open--
	return nil
}

type fakeTx struct{ c *plainConn }

func (t *fakeTx) Commit() error   { return t.c.s.call(t.c, "commit") }
func (t *fakeTx) Rollback() error { return t.c.s.call(t.c, "rollback") }

type olderConn struct{ plainConn }

func (c *olderConn) Exec(query string, args []driver.Value) (driver.Result, error) {
	return driver.RowsAffected(len(args)), c.s.call(&c.plainConn, "exec %s %v", query, args)
}

func (c *olderConn) Query(query string, args []driver.Value) (driver.Rows, error) {
	return c.s.rows(args), c.s.call(&c.plainConn, "query %s %v", query, args)
}

type modernConn struct{ plainConn }

func (c *modernConn) Ping(context.Context) error { return c.s.call(&c.plainConn, "ping") }

func (c *modernConn) ResetSession(context.Context) error {
	return c.s.call(&c.plainConn, "reset")
}

func (c *modernConn) IsValid() bool { return c.s.call(&c.plainConn, "valid?") == nil }

func (c *modernConn) CheckNamedValue(v *driver.NamedValue) error { return c.s.check(v) }

// check takes a value of its own, drops one, refuses one, and leaves the others
// to package sql.
func (s *server) check(v *driver.NamedValue) error {
	switch x := v.Value.(type) {
	case []string:
		v.Value = strings.Join(x, "+")
		return nil
	case struct{}:
		return driver.ErrRemoveArgument
	case error:
		return x
	}
	return driver.ErrSkip
}

func (c *modernConn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return c.Prepare(query)
}

func (c *modernConn) BeginTx(_ context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return &fakeTx{&c.plainConn}, c.s.call(&c.plainConn, "begin %v %v", opts.Isolation, opts.ReadOnly)
}

func (c *modernConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if query == "slow path" {
		return nil, driver.ErrSkip
	}
	return driver.RowsAffected(len(args)), c.s.run(ctx, &c.plainConn, "exec", query, args)
}

func (c *modernConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.s.rows(values(args)), c.s.run(ctx, &c.plainConn, "query", query, args)
}

// run waits for the end of ctx if the query is "block".
func (s *server) run(ctx context.Context, c *plainConn, verb, query string, args []driver.NamedValue) error {
	if err := s.call(c, "%s %s %v", verb, query, args); err != nil {
		return err
	}
	if query == "block" {
		s.blocked <- struct{}{}
		<-ctx.Done()
	}
	return ctx.Err()
}

func values(args []driver.NamedValue) []driver.Value {
	var vs []driver.Value
	for _, a := range args {
		vs = append(vs, a.Value)
	}
	return vs
}

type plainStmt struct {
	c     *plainConn
	query string
	done  func()
}

func (s *plainStmt) Close() error  { s.done(); return s.c.s.call(s.c, "close %s", s.query) }
func (s *plainStmt) NumInput() int { return strings.Count(s.query, "?") }

func (s *plainStmt) Exec(args []driver.Value) (driver.Result, error) {
	return driver.RowsAffected(len(args)), s.c.s.call(s.c, "exec stmt %s %v", s.query, args)
}

func (s *plainStmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.c.s.rows(args), s.c.s.call(s.c, "query stmt %s %v", s.query, args)
}

// ColumnConverter wants an upper case string.
func (s *plainStmt) ColumnConverter(int) driver.ValueConverter { return upper{} }

type upper struct{}

func (upper) ConvertValue(v any) (driver.Value, error) {
	if s, ok := v.(string); ok {
		return strings.ToUpper(s), nil
	}
	if v == 7 {
		return v, nil // an int is no driver.Value
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}

type modernStmt struct{ plainStmt }

func (s *modernStmt) CheckNamedValue(v *driver.NamedValue) error { return s.c.s.check(v) }

func (s *modernStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(len(args)), s.c.s.run(ctx, s.c, "exec stmt", s.query, args)
}

func (s *modernStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.c.s.rows(values(args)), s.c.s.run(ctx, s.c, "query stmt", s.query, args)
}

func (s *server) rows(args []driver.Value) driver.Rows {
	return &rows{text: fmt.Sprint(s.name, args)}
}

type rows struct{ text string }

func (*rows) Columns() []string { return []string{"answer"} }
func (*rows) Close() error      { return nil }
func (r *rows) Next(dest []driver.Value) error {
	if r.text == "" {
		return io.EOF
	}
	dest[0], r.text = r.text, ""
	return nil
}

var errDown = errors.New("the server is down")

// open returns a global database, a test's database, and the servers of both.
func open(t testing.TB) (db, to *sql.DB, own, routed *server) {
	own, routed = newServer("own"), newServer("routed")
	db, to = dbx.OpenDB(own), sql.OpenDB(routed)
	t.Cleanup(func() {
		require.NoError(t, db.Close())
		require.NoError(t, to.Close())
		for _, s := range []*server{own, routed} {
			conns, stmts := s.counts()
			require.Zero(t, conns, "connections of %s are left", s.name)
			require.Zero(t, stmts, "statements of %s are left", s.name)
		}
	})
	return db, to, own, routed
}

// ask returns which server answers.
func ask(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (answer string, err error) {
	err = db.QueryRowContext(ctx, "SELECT 1").Scan(&answer)
	return answer, err
}

func asked(t testing.TB, ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) string {
	t.Helper()
	answer, err := ask(ctx, db)
	require.NoError(t, err)
	return answer
}

// in returns a context of a scope with a name, which ends with the test.
func in(t testing.TB, b ...scope.Binding) (ctx context.Context, end func()) {
	ctx, end = scope.New(scope.Detach(context.Background()), t.Name())
	t.Cleanup(end)
	return scope.With(ctx, b...), end
}
