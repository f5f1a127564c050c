package dbx

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/scopetree/scope"
	"github.com/scopetree/scope/internal/engine"
)

// Unrouted says what becomes of an operation on a database that the scope has no
// route for. Set its default to [Refuse] in TestMain, and no test reaches the
// database of the developer who runs it, however it forgets its own.
var Unrouted = scope.NewKey("dbx.unrouted", Allow)

// A Policy is a value of [Unrouted]. The zero Policy is Allow.
type Policy int

const (
	Allow  Policy = iota // the program's own database is used
	Refuse               // the operation is an error, and nothing is sent
)

// String returns a Policy's name, such as "Allow".
func (p Policy) String() string {
	switch p {
	case Allow:
		return "Allow"
	case Refuse:
		return "Refuse"
	}
	return fmt.Sprintf("Policy(%d)", int(p))
}

// ErrRefused says that a scope has no route for a database, and that
// [Unrouted] is [Refuse] there. Nothing was sent.
var ErrRefused = errors.New("refused")

// Route returns a binding that has the scope use the database to wherever the
// program uses db. A route from db to itself takes an outer scope's route back.
// The scope does not close to.
//
// It panics if db was not opened by this package, for then it can't be
// replaced, and if either is nil.
func Route(db, to *sql.DB) scope.Binding {
	if db == nil || to == nil {
		panic("dbx: Route: nil *sql.DB")
	}
	from := databaseOf(db)
	if from == nil {
		panic(fmt.Sprintf("dbx: Route: the first *sql.DB, with driver %T, was not opened by dbx.Open, dbx.OpenDB or a driver of dbx.Register", db.Driver()))
	}
	if databaseOf(to) == from {
		to = nil
	}
	return oneRoute.Bind(&route{from: from, to: to})
}

// A route replaces a database by another, or by itself if to is nil.
type route struct {
	from *database
	to   *sql.DB
	lost atomic.Bool // a connection to it was bad, so that others may be
}

// String returns the drivers of both: data source names may hold passwords.
func (r *route) String() string {
	if r == nil {
		return "none"
	}
	if r.to == nil {
		return fmt.Sprintf("%v → itself", r.from)
	}
	if to := databaseOf(r.to); to != nil {
		return fmt.Sprintf("%v → %v", r.from, to)
	}
	return fmt.Sprintf("%v → that of driver %T", r.from, r.to.Driver())
}

// routes is all that a scope and those around it say. It is immutable once its
// scope is made. A nil *routes says nothing.
type routes struct {
	list     []*route // one for each database, the nearest scope's
	unrouted *Policy  // nil where no scope binds it
}

// String returns the list, for people who look at a scope.
func (rs *routes) String() string {
	if rs == nil || rs.list == nil {
		return "none"
	}
	var lines []string
	for _, r := range rs.list {
		lines = append(lines, r.String())
	}
	return strings.Join(lines, ", ")
}

// routing is the one key that an operation asks for. oneRoute is the key that
// Route binds, and routing collects them. So it is hidden where routing shows.
var (
	routing  = scope.NewKey[*routes]("dbx.routes", nil)
	oneRoute = scope.NewKey[*route]("dbx.route", nil)
)

func init() {
	engine.Collect(oneRoute, routing, addRoute)
	engine.Collect(Unrouted, routing, addUnrouted)
	engine.Hide(oneRoute)
}

func addRoute(rs *routes, r *route, _ bool) *routes {
	made := rs.clone()
	made.list = slices.DeleteFunc(made.list, func(o *route) bool { return o.from == r.from })
	made.list = append(made.list, r)
	return made
}

func addUnrouted(rs *routes, p Policy, _ bool) *routes {
	made := rs.clone()
	made.unrouted = &p
	return made
}

func (rs *routes) clone() *routes {
	if rs == nil {
		return new(routes)
	}
	return &routes{slices.Clone(rs.list), rs.unrouted}
}

// route returns the route that is for d in ctx's scope, nil if d's own database
// is to be used. An error is why neither can be.
func (d *database) route(ctx context.Context) (*route, error) {
	rs, err := engine.Look(ctx, routing)
	if err != nil {
		return nil, err
	}
	r := rs.find(d)
	switch {
	case r == nil && rs.policy() != Allow:
		return nil, d.refusal(ctx, rs.policy())
	case r == nil || r.to == nil:
		return nil, nil
	}
	return r, nil
}

func (rs *routes) find(d *database) *route {
	if rs == nil {
		return nil
	}
	for _, r := range rs.list {
		if r.from == d {
			return r
		}
	}
	return nil
}

// policy returns what becomes of a database that has no route.
func (rs *routes) policy() Policy {
	if rs == nil || rs.unrouted == nil {
		return Unrouted.Default()
	}
	return *rs.unrouted
}

func (d *database) refusal(ctx context.Context, p Policy) error {
	where := "in a scope without a name"
	if name := scope.Name(ctx); name != "" {
		where = fmt.Sprintf("in scope %q", name)
	} else if engine.Identity(ctx) == nil {
		where = "and no scope in the context or the goroutine"
	}
	return fmt.Errorf("%w: no route for %v %s, and dbx.Unrouted is %v: bind dbx.Route(db, to)", ErrRefused, d, where, p)
}
