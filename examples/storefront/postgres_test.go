package main_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"github.com/peterldowns/pgtestdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/scopetest"
)

// postgresDatabase returns a PostgreSQL database for this test alone, with the shop's tables. It skips the test if this
// machine has no PostgreSQL.
func postgresDatabase(t *testing.T) *sql.DB {
	t.Helper()
	postgres.once.Do(func() { postgres.err = postgres.start() })
	if errors.Is(postgres.err, fs.ErrNotExist) && os.Getenv("SCOPE_POSTGRES") != "required" {
		t.Skipf("no PostgreSQL here: %v", postgres.err)
	}
	require.NoError(t, postgres.err)
	return pgtestdb.New(t, pgtestdb.Config{
		DriverName: "pgx", Host: "127.0.0.1", Port: postgres.port, User: "postgres", Database: "postgres", Options: "sslmode=disable",
	}, migrator{})
}

// A migrator creates the tables in the template of the tests' databases, with the program's own Migrate.
type migrator struct{}

func (migrator) Hash() (string, error) { return "shop", nil }

func (migrator) Migrate(ctx context.Context, db *sql.DB, _ pgtestdb.Config) error {
	return shop.Migrate(scope.With(ctx, dbx.Route(shop.DB, db)))
}

// The program's one *sql.DB is SQLite's, and these tests have PostgreSQL databases all the same. All other tests have
// them with -postgres.
func TestTheShopRunsOnPostgres(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			own := postgresDatabase(t)
			s := open(t)
			scopetest.With(t, dbx.Route(shop.DB, own))
			order := s.bought(cart("buoy", 2))
			assert.Equal(t, 200, s.cancel(order.ID).status)
			s.bought(cart("buoy", 3))
			assert.Equal(t, 409, s.buy(cart("buoy", 1)).status)

			var version string
			require.NoError(t, shop.DB.QueryRow("SELECT version()").Scan(&version))
			assert.Contains(t, version, "PostgreSQL")
			assert.Equal(t, 2, s.orders())
		})
	}
}
