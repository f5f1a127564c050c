package main_test

import (
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/logx/logtest"
	"github.com/scopetree/scope/scopetest"
)

// A store is a shop for one test, with its own services, database, environment and log.
type store struct {
	t                        *testing.T
	server                   *httptest.Server
	payments, shipping, mail *httpxtest.Server
	log                      *logtest.Log
}

// open opens a store in which everything works. A test then changes what should fail, and sets what it expects.
// Warnings and errors in the log fail the test, unless it expects them.
func open(t *testing.T) *store {
	t.Helper()
	took(t)
	s := furnish(t)
	s.server = httptest.NewServer(shop.New())
	t.Cleanup(s.server.Close)
	return s
}

// furnish makes a store without its server. It passes options to the fakes.
func furnish(t *testing.T, options ...httpxtest.Option) *store {
	t.Helper()
	s := &store{t: t, log: logtest.Capture(t)}
	s.log.Never(slog.LevelWarn)

	envtest.Setenv(t, "RETRY_PAUSE", "1ms")
	envtest.Setenv(t, "PAYMENTS_KEY", "key-of-"+t.Name())
	envtest.Setenv(t, "WEBHOOK_SECRET", "secret-of-"+t.Name())

	scopetest.With(t, dbx.Route(shop.DB, database(t)))
	require.NoError(t, shop.Migrate(t.Context()))

	s.payments = fake(t, "api.payments.example", options...)
	s.payments.Stub("POST /v1/charges").Reply(httpxtest.JSON(201, map[string]string{"id": "ch_1"}))
	s.payments.Stub("POST /v1/voids").Reply(httpxtest.JSON(200, map[string]string{"id": "ch_1"}))
	s.shipping = fake(t, "api.shipping.example", options...)
	s.shipping.Stub("POST /v1/shipments").Reply(httpxtest.JSON(201, map[string]string{"tracking": "TRK-1"}))
	s.shipping.Stub("DELETE /v1/shipments/TRK-1").Reply(httpxtest.Status(204))
	s.mail = fake(t, "mail.example", options...)
	s.mail.Stub("POST /v1/messages").Reply(httpxtest.Status(202))
	return s
}

// latency is how long each fake waits before it answers. It is 0 unless TestParallelIsFaster sets it.
var latency, _ = time.ParseDuration(os.Getenv("STOREFRONT_LATENCY"))

// fake returns a fake of a service, for this test alone.
func fake(t *testing.T, host string, options ...httpxtest.Option) *httpxtest.Server {
	t.Helper()
	f := httpxtest.Mock(t, host, options...)
	f.Use(func(next http.Handler) http.Handler { return httpxtest.Delay(latency, next) })
	return f
}

// database returns an empty database, for this test alone.
func database(t *testing.T) *sql.DB {
	t.Helper()
	if *onPostgres {
		return postgresDatabase(t)
	}
	own, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	own.SetMaxOpenConns(1) // a second connection would have another database
	t.Cleanup(func() { require.NoError(t, own.Close()) })
	return own
}

// stock returns how many pieces of a product are in stock.
func (s *store) stock(product string) (n int) {
	s.t.Helper()
	require.NoError(s.t, shop.DB.QueryRow("SELECT stock FROM products WHERE id = $1", product).Scan(&n))
	return n
}

// status returns the status of the only order, or "" if there is none.
func (s *store) status() (status shop.Status) {
	s.t.Helper()
	require.NoError(s.t, shop.DB.QueryRow("SELECT coalesce(max(status), '') FROM orders").Scan(&status))
	return status
}

// orders returns how many orders there are.
func (s *store) orders() (n int) {
	s.t.Helper()
	require.NoError(s.t, shop.DB.QueryRow("SELECT count(*) FROM orders").Scan(&n))
	return n
}
