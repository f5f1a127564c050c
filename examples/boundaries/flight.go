package boundaries

import (
	"context"

	"golang.org/x/sync/singleflight"

	"github.com/scopetree/scope"
)

// A Directory finds people. Calls for the same person at the same time share
// one lookup.
type Directory struct {
	Lookup  func(ctx context.Context, id string) (string, error)
	flights singleflight.Group
}

// FindWrong answers all waiting callers in the scope of the first one.
func (d *Directory) FindWrong(ctx context.Context, id string) (string, error) {
	v, err, _ := d.flights.Do(id, func() (any, error) { return d.Lookup(ctx, id) })
	return v.(string), err
}

// Find shares lookups only between callers with the same customer, who get the
// same answer.
func (d *Directory) Find(ctx context.Context, id string) (string, error) {
	key := scope.Get(ctx, Customer) + "/" + id
	v, err, _ := d.flights.Do(key, func() (any, error) { return d.Lookup(ctx, id) })
	return v.(string), err
}

// flights has a group for each test, and one for all code outside tests.
var flights = scope.NewResource(func() *singleflight.Group { return new(singleflight.Group) }, nil)

// FindInScope shares lookups within a test.
func (d *Directory) FindInScope(ctx context.Context, id string) (string, error) {
	v, err, _ := flights.Get(ctx).Do(id, func() (any, error) { return d.Lookup(ctx, id) })
	return v.(string), err
}
