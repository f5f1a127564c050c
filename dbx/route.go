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

// Unrouted says what happens to an operation on a database that the scope has no route
// for, also if there is no scope. It applies to all databases that this package opened.
// Set its default to [Refuse] in TestMain. Then a test that forgets its own database
// can't reach that of the developer who runs it.
var Unrouted = scope.NewKey("dbx.unrouted", Allow)

// A Policy is a value of [Unrouted]. The zero Policy is Allow.
type Policy int

const (
	Allow  Policy = iota // the operation uses the program's own database
	Refuse               // the operation fails, and nothing is sent
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

// ErrRefused means that a scope has no route for a database, and that [Unrouted] is
// [Refuse]. Nothing was sent.
var ErrRefused = errors.New("refused")

// Route returns a binding that replaces db by to: where the program uses db, the scope
// uses the database to. A route from db to itself undoes an outer scope's route, and
// allows db under [Refuse]. The end of the scope does not close to.
//
// Route panics if db was not opened by [Open], [OpenDB] or a driver of [Register],
// because then it can't be replaced. It also panics if db or to is nil.
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
	lost atomic.Bool // a connection to it was bad, so others may be bad too
}

// String names the drivers of both. Data source names may have passwords.
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

// A routes has what a scope and the scopes around it bind for this package. It is
// immutable once its scope is made. A nil *routes has nothing.
type routes struct {
	list     []*route // one route for each database: the nearest scope's
	unrouted *Policy  // nil if no scope binds it
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

// routing is the only key that an operation looks up. Route binds oneRoute, and routing
// collects those bindings. Lists of bindings show only routing.
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

// route returns the route for d in ctx's scope, or nil if the scope uses d itself. The
// error says why it can use neither.
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

// policy returns the policy for a database without a route.
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
	err := fmt.Errorf("%w: no route for %v %s, and dbx.Unrouted is %v: bind dbx.Route(db, to)", ErrRefused, d, where, p)
	if c := scope.Carrier(); c != "labels" && engine.Identity(ctx) == nil {
		err = fmt.Errorf("%w, and call the code under test in scope.Run, since with the carrier %s only goroutines of scope.Go inherit", err, c)
	}
	return err
}
