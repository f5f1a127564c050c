package dbx

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
)

// This file does with a driver's connection what package sql would do: it finds
// out which of the optional interfaces it has, and does without the others.
// The errors are package sql's too.

// exec runs a statement, or returns driver.ErrSkip if that takes a driver.Stmt.
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

// queryRows is exec for a statement that returns rows.
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

// These are driver.Execer and driver.Queryer, which are deprecated.
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

// convert converts arguments for a statement, which is nil if it is not
// prepared, on a connection. It changes args.
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

// convertColumn converts an argument as its column wants it.
func convertColumn(v *driver.NamedValue, columns columnConverter, want int) (err error) {
	if want >= 0 && v.Ordinal > want {
		return nil // there are too many, which convert says
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

// convertUnnamed is convert for methods that take neither names nor a context.
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

// named gives values the names that they do not have.
func named(values []driver.Value) []driver.NamedValue {
	args := make([]driver.NamedValue, len(values))
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return args
}
