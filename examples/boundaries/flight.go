package boundaries

import (
	"context"

	"golang.org/x/sync/singleflight"

	"github.com/scopetree/scope"
)

// A Directory finds people, with one lookup for all who ask for the same one
// at the same time.
type Directory struct {
	Lookup  func(ctx context.Context, id string) (string, error)
	flights singleflight.Group
}

// FindWrong answers all who wait in the scope of the one who came first.
func (d *Directory) FindWrong(ctx context.Context, id string) (string, error) {
	v, err, _ := d.flights.Do(id, func() (any, error) { return d.Lookup(ctx, id) })
	return v.(string), err
}

// Find shares lookups between those for whom the answer is the same.
func (d *Directory) Find(ctx context.Context, id string) (string, error) {
	key := scope.Get(ctx, Customer) + "/" + id
	v, err, _ := d.flights.Do(key, func() (any, error) { return d.Lookup(ctx, id) })
	return v.(string), err
}

// flights is a group for each test, and one for all that is in no test.
var flights = scope.NewResource(func() *singleflight.Group { return new(singleflight.Group) }, nil)

// FindInScope shares lookups within a test.
func (d *Directory) FindInScope(ctx context.Context, id string) (string, error) {
	v, err, _ := flights.Get(ctx).Do(id, func() (any, error) { return d.Lookup(ctx, id) })
	return v.(string), err
}
