package sql_test

import (
	"database/sql"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/httpx"
	"github.com/scopetree/scope/scopetest"
)

// This file has the code in docs/databases.md that no other test has.

func TestAProgramsDatabase(t *testing.T) {
	t.Parallel()
	db, err := dbx.Open("pgx", os.Getenv("DATABASE_URL"))
	require.NoError(t, err)
	defer db.Close()
	own, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	own.SetMaxOpenConns(1)
	defer own.Close()
	ctx := scopetest.With(t, dbx.Route(db, own))
	var n int
	require.NoError(t, db.QueryRowContext(ctx, "SELECT 42").Scan(&n))
	assert.Equal(t, 42, n)
}

// Refuse applies to the whole process, so this test tries it in a process of
// its own.
func TestRefuseIsForTestMain(t *testing.T) {
	if os.Getenv("REFUSE") == "" {
		t.Parallel()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRefuseIsForTestMain$")
		cmd.Env = append(os.Environ(), "REFUSE=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return
	}
	dbx.Unrouted.SetDefault(dbx.Refuse)
	db, err := dbx.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("CREATE TABLE users (id INTEGER)")
	assert.ErrorIs(t, err, dbx.ErrRefused)
}

func TestATenantsDatabase(t *testing.T) {
	t.Parallel()
	db, err := dbx.Open("sqlite", ":memory:")
	require.NoError(t, err)
	defer db.Close()
	tenants := map[string]*sql.DB{}
	for _, name := range []string{"ada", "grace"} {
		own, err := sql.Open("sqlite", ":memory:")
		require.NoError(t, err)
		own.SetMaxOpenConns(1)
		defer own.Close()
		_, err = own.Exec("CREATE TABLE me AS SELECT ? AS name", name)
		require.NoError(t, err)
		tenants[name] = own
	}
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var name string
		if err := db.QueryRowContext(r.Context(), "SELECT name FROM me").Scan(&name); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		io.WriteString(w, name)
	})

	handler := httpx.Middleware(app, func(r *http.Request) []scope.Binding {
		return []scope.Binding{dbx.Route(db, tenants[r.Header.Get("Tenant")])}
	})

	for name := range tenants {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Tenant", name)
		handler.ServeHTTP(w, r)
		assert.Equal(t, name, w.Body.String())
	}
}
