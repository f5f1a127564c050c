package sql_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/scopetree/scope/dbx"
	"github.com/scopetree/scope/scopetest"
)

// These libraries are set up once, on the program's *sql.DB, as programs do.
// The tests of each are parallel, and have a database each.

// each runs a test five times at once, each time routed to a database of its
// own.
func each(t *testing.T, db *sql.DB, to func(t testing.TB) *sql.DB, test func(t *testing.T)) {
	for i := range 5 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			own := to(t)
			scopetest.With(t, dbx.Route(db, own), dbx.Unrouted.Bind(dbx.Refuse))
			test(t)
			assert.Equal(t, []string{"ann", "bob", t.Name()}, names(t, own))
		})
	}
}

func sqlite(t testing.TB) *sql.DB { return memory(t, sql.Open) }

func TestGORM(t *testing.T) {
	t.Parallel()
	db := developers(t, "pgx")
	type User struct {
		ID   int
		Name string
	}
	orm, err := gorm.Open(gormpostgres.New(gormpostgres.Config{Conn: db}), &gorm.Config{PrepareStmt: true, Logger: logger.Discard})
	require.NoError(t, err)
	each(t, db, func(t testing.TB) *sql.DB { return clone(t, "pgx") }, func(t *testing.T) {
		require.NoError(t, orm.Transaction(func(tx *gorm.DB) error {
			return tx.Create(&User{3, t.Name()}).Error
		}))
		assert.Error(t, orm.Transaction(func(tx *gorm.DB) error {
			require.NoError(t, tx.Where("id > ?", 0).Delete(&User{}).Error)
			return fmt.Errorf("not after all")
		}))
		var users []User
		require.NoError(t, orm.Order("id").Find(&users).Error)
		assert.Equal(t, []User{{1, "ann"}, {2, "bob"}, {3, t.Name()}}, users)
	})
}

func TestSQLX(t *testing.T) {
	t.Parallel()
	db := memory(t, dbx.Open)
	db.SetMaxOpenConns(0)
	x := sqlx.NewDb(db, "sqlite")
	type user struct {
		ID   int    `db:"id"`
		Name string `db:"name"`
	}
	each(t, db, sqlite, func(t *testing.T) {
		_, err := x.NamedExec("INSERT INTO users VALUES (:id, :name)", user{3, t.Name()})
		require.NoError(t, err)
		var users []user
		require.NoError(t, x.Select(&users, "SELECT * FROM users ORDER BY id"))
		assert.Equal(t, []user{{1, "ann"}, {2, "bob"}, {3, t.Name()}}, users)
		query, args, err := sqlx.In("SELECT name FROM users WHERE id IN (?) ORDER BY id", []int{1, 3})
		require.NoError(t, err)
		var some []string
		require.NoError(t, x.Select(&some, x.Rebind(query), args...))
		assert.Equal(t, []string{"ann", t.Name()}, some)
	})
}

func TestBun(t *testing.T) {
	t.Parallel()
	db := memory(t, dbx.Open)
	db.SetMaxOpenConns(0)
	orm := bun.NewDB(db, sqlitedialect.New())
	type User struct {
		ID   int `bun:",pk"`
		Name string
	}
	each(t, db, sqlite, func(t *testing.T) {
		ctx := context.Background()
		require.NoError(t, orm.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewInsert().Model(&User{3, t.Name()}).Exec(ctx)
			return err
		}))
		var users []User
		require.NoError(t, orm.NewSelect().Model(&users).Order("id").Scan(ctx))
		assert.Equal(t, []User{{1, "ann"}, {2, "bob"}, {3, t.Name()}}, users)
	})
}

// Queries is the shape of the code that sqlc generates with prepared queries.
type Queries struct {
	db interface {
		PrepareContext(context.Context, string) (*sql.Stmt, error)
	}
	createUser, listUsers *sql.Stmt
}

const (
	createUser = "-- name: CreateUser :exec\nINSERT INTO users (id, name) VALUES ($1, $2)"
	listUsers  = "-- name: ListUsers :many\nSELECT name FROM users ORDER BY id"
)

func prepareQueries(ctx context.Context, db *sql.DB) (q *Queries, err error) {
	q = &Queries{db: db}
	if q.createUser, err = db.PrepareContext(ctx, createUser); err != nil {
		return nil, fmt.Errorf("error preparing query CreateUser: %w", err)
	}
	if q.listUsers, err = db.PrepareContext(ctx, listUsers); err != nil {
		return nil, fmt.Errorf("error preparing query ListUsers: %w", err)
	}
	return q, nil
}

func (q *Queries) ListUsers(ctx context.Context, tx *sql.Tx) (items []string, err error) {
	rows, err := tx.StmtContext(ctx, q.listUsers).QueryContext(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		items = append(items, name)
	}
	return items, rows.Err()
}

func TestSQLC(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := file(t, dbx.Open)
	q, err := prepareQueries(ctx, db)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, q.createUser.Close())
		require.NoError(t, q.listUsers.Close())
	})
	each(t, db, sqlite, func(t *testing.T) {
		_, err := q.createUser.ExecContext(ctx, 3, t.Name())
		require.NoError(t, err)
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		items, err := q.ListUsers(ctx, tx)
		require.NoError(t, err)
		assert.Equal(t, []string{"ann", "bob", t.Name()}, items)
		require.NoError(t, tx.Commit())
	})
}
