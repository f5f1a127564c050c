package dbx

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
)

// This file uses a driver's connection as package sql does: it finds out which optional
// interfaces the connection has, and does without the others. It returns the same errors
// as package sql.

// exec runs a statement. It returns driver.ErrSkip if the driver must prepare the
// statement first.
func exec(ctx context.Context, conn driver.Conn, query string, args []driver.NamedValue) (driver.Result, error) {
	switch c := conn.(type) {
	case driver.ExecerContext:
		args, err := convert(args, conn, nil)
		if err != nil {
			return nil, err
		}
		return c.ExecContext(ctx, query, args)
	case execer:
		values, err := convertUnnamed(ctx, args, conn, nil)
		if err != nil {
			return nil, err
		}
		return c.Exec(query, values)
	}
	return nil, driver.ErrSkip
}

// queryRows is exec for a query that returns rows.
func queryRows(ctx context.Context, conn driver.Conn, query string, args []driver.NamedValue) (driver.Rows, error) {
	switch c := conn.(type) {
	case driver.QueryerContext:
		args, err := convert(args, conn, nil)
		if err != nil {
			return nil, err
		}
		return c.QueryContext(ctx, query, args)
	case queryer:
		values, err := convertUnnamed(ctx, args, conn, nil)
		if err != nil {
			return nil, err
		}
		return c.Query(query, values)
	}
	return nil, driver.ErrSkip
}

// driver.Execer and driver.Queryer, which are deprecated.
type (
	execer interface {
		Exec(query string, args []driver.Value) (driver.Result, error)
	}
	queryer interface {
		Query(query string, args []driver.Value) (driver.Rows, error)
	}
)

func execStmt(ctx context.Context, conn driver.Conn, s driver.Stmt, args []driver.NamedValue) (driver.Result, error) {
	if c, ok := s.(driver.StmtExecContext); ok {
		args, err := convert(args, conn, s)
		if err != nil {
			return nil, err
		}
		return c.ExecContext(ctx, args)
	}
	values, err := convertUnnamed(ctx, args, conn, s)
	if err != nil {
		return nil, err
	}
	return s.Exec(values) //lint:ignore SA1019 the driver has nothing else
}

func queryStmt(ctx context.Context, conn driver.Conn, s driver.Stmt, args []driver.NamedValue) (driver.Rows, error) {
	if c, ok := s.(driver.StmtQueryContext); ok {
		args, err := convert(args, conn, s)
		if err != nil {
			return nil, err
		}
		return c.QueryContext(ctx, args)
	}
	values, err := convertUnnamed(ctx, args, conn, s)
	if err != nil {
		return nil, err
	}
	return s.Query(values) //lint:ignore SA1019 the driver has nothing else
}

func prepare(ctx context.Context, conn driver.Conn, query string) (driver.Stmt, error) {
	if c, ok := conn.(driver.ConnPrepareContext); ok {
		return c.PrepareContext(ctx, query)
	}
	s, err := conn.Prepare(query)
	if err == nil && ctx.Err() != nil {
		s.Close()
		return nil, ctx.Err()
	}
	return s, err
}

func begin(ctx context.Context, conn driver.Conn, opts driver.TxOptions) (driver.Tx, error) {
	if c, ok := conn.(driver.ConnBeginTx); ok {
		return c.BeginTx(ctx, opts)
	}
	if opts.Isolation != 0 {
		return nil, errors.New("sql: driver does not support non-default isolation level")
	}
	if opts.ReadOnly {
		return nil, errors.New("sql: driver does not support read-only transactions")
	}
	tx, err := conn.Begin() //lint:ignore SA1019 the driver has nothing else
	if err == nil && ctx.Err() != nil {
		tx.Rollback()
		return nil, ctx.Err()
	}
	return tx, err
}

// convert converts arguments for a query on a connection. s is the prepared statement, or
// nil. convert changes args.
func convert(args []driver.NamedValue, conn driver.Conn, s driver.Stmt) ([]driver.NamedValue, error) {
	checker, ok := s.(driver.NamedValueChecker)
	if !ok {
		checker, _ = conn.(driver.NamedValueChecker)
	}
	columns, _ := s.(columnConverter)
	want := -1
	if s != nil {
		want = s.NumInput()
	}
	for i := 0; i < len(args); i++ {
		v := &args[i]
		v.Ordinal = i + 1
		err := driver.ErrSkip
		if checker != nil {
			err = checker.CheckNamedValue(v)
		}
		if err == driver.ErrSkip && columns != nil {
			err = convertColumn(v, columns, want)
		}
		if err == driver.ErrSkip {
			v.Value, err = driver.DefaultParameterConverter.ConvertValue(v.Value)
		}
		if err == driver.ErrRemoveArgument {
			args = slices.Delete(args, i, i+1)
			i--
		} else if err != nil {
			which := fmt.Sprintf("$%d", v.Ordinal)
			if v.Name != "" {
				which = fmt.Sprintf("with name %q", v.Name)
			}
			return nil, fmt.Errorf("sql: converting argument %s type: %w", which, err)
		}
	}
	if want != -1 && len(args) != want {
		return nil, fmt.Errorf("sql: expected %d arguments, got %d", want, len(args))
	}
	return args, nil
}

// columnConverter is driver.ColumnConverter, which is deprecated.
type columnConverter interface {
	ColumnConverter(idx int) driver.ValueConverter
}

// convertColumn converts an argument to the type of its column.
func convertColumn(v *driver.NamedValue, columns columnConverter, want int) (err error) {
	if want >= 0 && v.Ordinal > want {
		return nil // there are too many arguments, and convert returns the error
	}
	if _, ok := v.Value.(driver.Valuer); ok {
		if v.Value, err = driver.DefaultParameterConverter.ConvertValue(v.Value); err != nil {
			return err
		}
	}
	given := v.Value
	if v.Value, err = columns.ColumnConverter(v.Ordinal - 1).ConvertValue(given); err != nil {
		return err
	}
	if !driver.IsValue(v.Value) {
		return fmt.Errorf("driver ColumnConverter error converted %T to unsupported type %T", given, v.Value)
	}
	return nil
}

// convertUnnamed is convert for methods without named arguments and without a context.
func convertUnnamed(ctx context.Context, args []driver.NamedValue, conn driver.Conn, s driver.Stmt) ([]driver.Value, error) {
	args, err := convert(args, conn, s)
	if err != nil {
		return nil, err
	}
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		if arg.Name != "" {
			return nil, errors.New("sql: driver does not support the use of Named Parameters")
		}
		values[i] = arg.Value
	}
	return values, ctx.Err()
}

// named returns values as arguments without names.
func named(values []driver.Value) []driver.NamedValue {
	args := make([]driver.NamedValue, len(values))
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return args
}
