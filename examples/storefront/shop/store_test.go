package shop_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/env"
	"github.com/scopetree/scope/env/envtest"
	"github.com/scopetree/scope/examples/storefront/shop"
	"github.com/scopetree/scope/httpx/httpxtest"
	"github.com/scopetree/scope/logx/logtest"
	"github.com/scopetree/scope/scopetest"
)

var (
	postgres = flag.String("postgres", "", "give each test a database on the PostgreSQL server at this `URL`, instead of SQLite")
	latency  = flag.Duration("latency", 0, "how long each provider takes to answer")
)

func TestMain(m *testing.M) {
	db, err := shop.Open(context.Background(), ":memory:") // the program's own: no test may reach it
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	shop.DB, shop.Getenv = db, env.Getenv
	dbx.Unrouted.SetDefault(dbx.Refuse)
	httpxtest.Main(m)
}

// A store is the shop as one test has it.
type store struct {
	t                        *testing.T
	payments, shipping, mail *httpxtest.Server
	log                      *logtest.Log
}

// open gives the test a shop with a database, providers, settings and a log of its
// own, beside all other tests. The shop sells what shop.Sample has.
func open(t *testing.T) *store {
	t.Helper()
	t.Parallel()
	scopetest.With(t, dbx.Route(shop.DB, database(t)))
	require.NoError(t, shop.AddProducts(t.Context(), shop.DB, shop.Sample...))
	envtest.Setenv(t, "PAYMENTS_KEY", "sk_test")
	envtest.Setenv(t, "SHOP_RETRY_MILLISECONDS", "1")
	return &store{
		t:        t,
		payments: provider(t, "api.payments.example"),
		shipping: provider(t, "api.shipping.example"),
		mail:     provider(t, "mail.example"),
		log:      logtest.Capture(t),
	}
}

// provider returns the test's own fake of a provider.
func provider(t *testing.T, host string) *httpxtest.Server {
	t.Helper()
	s := httpxtest.Mock(t, host)
	if *latency > 0 {
		s.Use(func(next http.Handler) http.Handler { return httpxtest.Delay(*latency, next) })
	}
	return s
}

// database returns an empty database for one test.
func database(t *testing.T) *sql.DB {
	t.Helper()
	if *postgres == "" {
		db, err := sql.Open("sqlite", ":memory:")
		require.NoError(t, err)
		db.SetMaxOpenConns(1) // each connection to :memory: has a database of its own
		t.Cleanup(func() { db.Close() })
		require.NoError(t, shop.Migrate(t.Context(), db))
		return db
	}
	name := fmt.Sprintf("storefront_%d_%d", os.Getpid(), databases.Add(1))
	admin, err := sql.Open("pgx", *postgres)
	require.NoError(t, err)
	t.Cleanup(func() { admin.Close() })
	_, err = admin.ExecContext(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	t.Cleanup(func() { admin.Exec("DROP DATABASE " + name + " WITH (FORCE)") })
	db, err := sql.Open("pgx", strings.Replace(*postgres, "/postgres?", "/"+name+"?", 1))
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	require.NoError(t, shop.Migrate(t.Context(), db))
	return db
}

var databases atomic.Int64

// accepts has the providers take one order.
func (s *store) accepts() {
	s.payments.Expect("POST /v1/charges").Reply(httpxtest.JSON(200, map[string]string{"id": "ch_1"}))
	s.ships()
}

func (s *store) ships() {
	s.shipping.Expect("POST /shipments").Reply(httpxtest.JSON(200, map[string]string{"tracking": "PARCEL-1"}))
	s.mail.Expect("POST /messages").Reply(httpxtest.Status(202))
}

// mug is an order that is right.
func mug(pieces int64) shop.Request {
	return shop.Request{SKU: "mug", Quantity: pieces, Email: "ada@example.com", Card: "tok_visa"}
}

// An answer is what a customer gets.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// do sends the shop a request. A string is sent as it is, all else as JSON.
func (s *store) do(method, path string, body any) answer {
	s.t.Helper()
	text, ok := body.(string)
	if !ok && body != nil {
		b, err := json.Marshal(body)
		require.NoError(s.t, err)
		text = string(b)
	}
	return s.send(httptest.NewRequest(method, path, strings.NewReader(text)))
}

func (s *store) send(r *http.Request) answer {
	s.t.Helper()
	w := httptest.NewRecorder()
	shop.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// order places an order, and returns it with the status of the answer.
func (s *store) order(r shop.Request) (shop.Order, int) {
	s.t.Helper()
	a := s.do("POST", "/api/orders", r)
	var o shop.Order
	if a.Status == http.StatusCreated {
		require.NoError(s.t, json.Unmarshal([]byte(a.Body), &o))
	}
	return o, a.Status
}

// placed places an order that the providers take.
func (s *store) placed(r shop.Request) shop.Order {
	s.t.Helper()
	s.accepts()
	o, status := s.order(r)
	require.Equal(s.t, http.StatusCreated, status)
	return o
}

// stock returns how many pieces of a product there are.
func (s *store) stock(sku string) int64 {
	s.t.Helper()
	p, err := shop.FindProduct(s.t.Context(), sku)
	require.NoError(s.t, err)
	return p.Stock
}

// statuses returns the statuses of all orders.
func (s *store) statuses() (list []shop.Status) {
	s.t.Helper()
	rows, err := shop.DB.QueryContext(s.t.Context(), "SELECT status FROM orders ORDER BY placed")
	require.NoError(s.t, err)
	defer rows.Close()
	for rows.Next() {
		var status shop.Status
		require.NoError(s.t, rows.Scan(&status))
		list = append(list, status)
	}
	require.NoError(s.t, rows.Err())
	return list
}

// logged returns all that the test has logged, as text.
func (s *store) logged() string {
	var b bytes.Buffer
	for _, r := range s.log.Records() {
		fmt.Fprintln(&b, r)
	}
	return b.String()
}

// warns says that the test may log a warning with this message, and must.
func (s *store) warns(message string) { s.log.Expect(slog.LevelWarn, message) }

// short is a time limit for a provider that does not answer.
const short = 50 * time.Millisecond
