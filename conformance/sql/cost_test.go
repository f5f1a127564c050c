package sql_test

import (
	"context"
	"database/sql"
	"math"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/dbx"
)

// TestCosts prints what a query of one row costs through dbx, against the same
// query on a *sql.DB of SQLite in memory. It never fails because of a time,
// since times vary. Package dbx tests the allocations, which are exact.
func TestCosts(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("takes seconds, and times nothing under the race detector")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	bare, db, to := memory(t, sql.Open), memory(t, dbx.Open), memory(t, sql.Open)
	background := scope.Detach(context.Background())
	ending, end := scope.New(background, "ending")
	defer end()
	cancellable, cancel := context.WithCancel(background)
	defer cancel()
	routed := scope.With(background, dbx.Route(db, to))
	routedEnding := scope.With(ending, dbx.Route(db, to))
	routedCancellable, cancel := context.WithCancel(routedEnding)
	defer cancel()
	for _, x := range []struct {
		name          string
		most          float64
		what, against func()
	}{
		{"no scope", 1.05, query(t, context.Background(), db), query(t, context.Background(), bare)},
		{"no route", 1.05, query(t, background, db), query(t, background, bare)},
		{"routed", 1.10, query(t, routed, db), query(t, background, bare)},
		{"routed, in a scope that ends", 1.10, query(t, routedEnding, db), query(t, background, bare)},
		{"the same, against a context that can be cancelled", 1.10, query(t, routedEnding, db), query(t, cancellable, bare)},
		{"both with a context that can be cancelled", 1.40, query(t, routedCancellable, db), query(t, cancellable, bare)},
	} {
		what, against := compare(x.what, x.against)
		mark := ""
		if what/against > x.most {
			mark = " (over)"
		}
		more := testing.AllocsPerRun(100, x.what) - testing.AllocsPerRun(100, x.against)
		t.Logf("%-50s %.3f of at most %.2f%s: %.0f ns against %.0f ns, %v allocations more", x.name, what/against, x.most, mark, what, against, more)
	}
}

func query(t testing.TB, ctx context.Context, db *sql.DB) func() {
	return func() {
		var name string
		if err := db.QueryRowContext(ctx, "SELECT name FROM users WHERE id = ?", 2).Scan(&name); err != nil || name != "bob" {
			require.NoError(t, err)
			require.Equal(t, "bob", name)
		}
	}
}

// compare returns the nanoseconds of a and of b, each from the best of many
// short rounds in which they take turns. Other work on the machine can only
// make a round slower.
func compare(a, b func()) (nsA, nsB float64) {
	nsA, nsB = math.Inf(1), math.Inf(1)
	for range 200 {
		nsA, nsB = min(nsA, timed(a)), min(nsB, timed(b))
	}
	return nsA, nsB
}

func timed(f func()) float64 {
	const n = 500
	began := time.Now()
	for range n {
		f()
	}
	return float64(time.Since(began).Nanoseconds()) / n
}
