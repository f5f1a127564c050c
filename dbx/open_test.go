package dbx_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

// dsnDriver opens by data source name, as drivers did before connectors.
type dsnDriver struct{ s *server }

func (d dsnDriver) Open(dsn string) (driver.Conn, error) {
	if dsn == "bad" {
		return nil, errDown
	}
	return d.s.Connect(context.Background())
}

// connectorDriver reads the name first.
type connectorDriver struct{ dsnDriver }

func (d connectorDriver) OpenConnector(dsn string) (driver.Connector, error) {
	if dsn == "malformed" {
		return nil, errors.New("malformed name")
	}
	return d.s, nil
}

func init() {
	sql.Register("dsn", dsnDriver{newServer("dsn")})
	sql.Register("connector", connectorDriver{dsnDriver{newServer("connector")}})
	dbx.Register("scoped dsn", "dsn")
	dbx.Register("scoped connector", "connector")
	dbx.Register("scoped nothing", "nothing")
}

func TestOpenAndRegisterTakeDriversByName(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(dsn string) (*sql.DB, error){
		"dsn":       func(dsn string) (*sql.DB, error) { return dbx.Open("dsn", dsn) },
		"connector": func(dsn string) (*sql.DB, error) { return dbx.Open("connector", dsn) },
	} {
		for _, open := range []func(string) (*sql.DB, error){open, func(dsn string) (*sql.DB, error) { return sql.Open("scoped "+name, dsn) }} {
			db, err := open("")
			require.NoError(t, err)
			assert.Equal(t, name+"[]", asked(t, t.Context(), db))
			to := sql.OpenDB(newServer("routed"))
			ctx, _ := in(t, dbx.Route(db, to))
			assert.Equal(t, "routed[]", asked(t, ctx, db))

			again, err := db.Driver().(driver.DriverContext).OpenConnector("")
			require.NoError(t, err)
			other := sql.OpenDB(again)
			assert.Equal(t, name+"[]", asked(t, ctx, other), "another database of the same driver")
			assert.Equal(t, "routed[]", asked(t, scope.With(ctx, dbx.Route(other, to)), other))
			c, err := db.Driver().Open("")
			require.NoError(t, err)
			require.NoError(t, c.(driver.Pinger).Ping(ctx))
			require.NoError(t, c.Close())
			for _, db := range []*sql.DB{db, to, other} {
				require.NoError(t, db.Close())
			}
		}
	}
	_, err := dbx.Open("connector", "malformed")
	assert.EqualError(t, err, "malformed name")
	_, err = sql.Open("scoped connector", "malformed")
	assert.EqualError(t, err, "malformed name")
	db, err := dbx.Open("dsn", "bad")
	require.NoError(t, err)
	assert.Equal(t, errDown, db.Ping())
	require.NoError(t, db.Close())
	for _, name := range []string{"nothing", "scoped nothing"} {
		_, err := dbx.Open(name, "")
		assert.ErrorContains(t, err, `unknown driver "nothing"`)
	}
	assert.Panics(t, func() { dbx.Register("dsn", "connector") }, "the name is taken")
}

// closing is a connector that is to be closed with the database.
type closing struct {
	*server
	closed *int
}

func (c closing) Close() error { *c.closed++; return io.ErrClosedPipe }

func TestCloseClosesTheConnector(t *testing.T) {
	t.Parallel()
	closed := 0
	db := dbx.OpenDB(closing{newServer("own"), &closed})
	assert.Equal(t, io.ErrClosedPipe, db.Close())
	assert.Equal(t, 1, closed)
}
