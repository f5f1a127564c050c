package scope_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A pool of one connection. While B waits for it, it goes bad, and the
// goroutine that sql.OpenDB started in A opens the next one.
func sqlOpener(t *testing.T, a, b context.Context) (got string) {
	synctest.Test(t, func(t *testing.T) {
		opened := make(connector, 2)
		var db *sql.DB
		as(a, func() { db = sql.OpenDB(opened) })
		defer db.Close()
		db.SetMaxOpenConns(1)
		as(b, func() {
			first, err := db.Conn(context.Background())
			require.NoError(t, err)
			go func() {
				second, err := db.Conn(context.Background())
				if assert.NoError(t, err) {
					assert.NoError(t, second.Close())
				}
			}()
			synctest.Wait()
			require.Len(t, opened, 1, "the second one waits")
			assert.Equal(t, "B", <-opened, "the first connection is opened by who asks")
			assert.ErrorIs(t, first.Raw(func(any) error { return driver.ErrBadConn }), driver.ErrBadConn)
		})
		synctest.Wait()
		got = <-opened
	})
	return got
}

// A connector says by whom it is asked to connect.
type connector chan string

func (c connector) Connect(context.Context) (driver.Conn, error) {
	c <- who.Get()
	return conn{}, nil
}

func (c connector) Driver() driver.Driver { return nil }

type conn struct{}

func (conn) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (conn) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }
func (conn) Close() error                        { return nil }
