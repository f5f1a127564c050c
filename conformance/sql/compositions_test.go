package sql_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/DATA-DOG/go-txdb"
	"github.com/peterldowns/pgtestdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

// A test's database comes from a library that makes databases. Each of these
// tests shows one of them, in a program whose functions use a global *sql.DB
// and take no context.

// rename is such a function.
func rename(db *sql.DB, id int, name string) error {
	_, err := db.Exec("UPDATE users SET name = $1 WHERE id = $2", name, id)
	return err
}

// pgtestdb makes a database for each test, from a template that it keeps.
func TestPgtestdb(t *testing.T) {
	t.Parallel()
	db := developers(t, "pgx")
	for i := range 5 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			conf := pgtestdb.Config{DriverName: "pgx", Host: "127.0.0.1", Port: postgres.port, User: "postgres", Database: "postgres", Options: "sslmode=disable"}
			scopetest.With(t, dbx.Route(db, pgtestdb.New(t, conf, shop)))

			require.NoError(t, rename(db, 1, t.Name()))
			assert.ElementsMatch(t, []string{t.Name(), "bob"}, names(t, db))
		})
	}
}

// go-txdb runs each test in a transaction of one database, and rolls it back.
func TestTxdb(t *testing.T) {
	t.Parallel()
	db := developers(t, "pgx")
	shared := clone(t, "pgx")
	connector := func(name string) *sql.DB {
		return sql.OpenDB(txdb.New("pgx", urlOf(t, shared)+"&application_name="+name))
	}
	t.Run("parallel", func(t *testing.T) {
		for i := range 5 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				to := connector(fmt.Sprint(i))
				t.Cleanup(func() { require.NoError(t, to.Close()) })
				scopetest.With(t, dbx.Route(db, to))

				// The rows differ, because a transaction waits for another one that has
				// changed the same row.
				_, err := db.Exec("INSERT INTO users VALUES ($1, $2)", 10+i, t.Name())
				require.NoError(t, err)
				assert.Equal(t, []string{"ann", "bob", t.Name()}, names(t, db))
				tx, err := db.Begin()
				require.NoError(t, err)
				_, err = tx.Exec("DELETE FROM users WHERE id = $1", 10+i)
				require.NoError(t, err)
				require.NoError(t, tx.Rollback(), "a savepoint")
				assert.Equal(t, []string{"ann", "bob", t.Name()}, names(t, db))
			})
		}
	})
	assert.Equal(t, []string{"ann", "bob"}, names(t, shared), "as it was")
}

// SQLite in memory makes a database for each test at no cost. It needs a limit of one
// connection, because each connection has a database of its own.
func TestSQLiteInMemory(t *testing.T) {
	t.Parallel()
	db := file(t, dbx.Open)
	for i := range 5 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			to, err := sql.Open("sqlite", ":memory:")
			require.NoError(t, err)
			to.SetMaxOpenConns(1)
			t.Cleanup(func() { require.NoError(t, to.Close()) })
			scopetest.With(t, dbx.Route(db, to))
			_, err = db.Exec(string(shop)) // the program's own migrations
			require.NoError(t, err)

			require.NoError(t, rename(db, 2, t.Name()))
			assert.Equal(t, []string{"ann", t.Name()}, names(t, db))
		})
	}
}

// A server has a schema for each tenant. Middleware routes the program's *sql.DB to the
// tenant's, for the handler and for everything that it calls.
func TestASchemaForEachTenant(t *testing.T) {
	t.Parallel()
	home := clone(t, "pgx")
	db, err := dbx.Open("pgx", urlOf(t, home))
	require.NoError(t, err)
	defer db.Close()

	tenants := map[string]*sql.DB{}
	for _, name := range []string{"acme", "globex"} {
		_, err := home.Exec("CREATE SCHEMA " + name)
		require.NoError(t, err)
		tenants[name], err = sql.Open("pgx", urlOf(t, home)+"&search_path="+name)
		require.NoError(t, err)
		defer tenants[name].Close()
		_, err = tenants[name].Exec(string(shop))
		require.NoError(t, err)
		require.NoError(t, rename(tenants[name], 1, "ann of "+name))
	}
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := rename(db, 2, r.URL.Query().Get("name")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, strings.Join(names(t, db), ", "))
	})
	withTenant := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			to, ok := tenants[r.Header.Get("Tenant")]
			if !ok {
				http.Error(w, "no such tenant", http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r.WithContext(scope.With(r.Context(), dbx.Route(db, to))))
		})
	}
	handler := withTenant(httpx.Middleware(app))

	ask := func(tenant, name string) string {
		r := httptest.NewRequest(http.MethodPost, "/?name="+name, nil)
		r.Header.Set("Tenant", tenant)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return strings.TrimSpace(w.Body.String())
	}
	assert.ElementsMatch(t, []string{"ann of acme", "cid"}, strings.Split(ask("acme", "cid"), ", "))
	assert.ElementsMatch(t, []string{"ann of globex", "dee"}, strings.Split(ask("globex", "dee"), ", "))
	assert.Equal(t, "no such tenant", ask("nobody", "eve"))
	assert.Equal(t, []string{"ann", "bob"}, names(t, home))
}
