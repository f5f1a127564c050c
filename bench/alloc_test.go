package bench_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/scopetree/scope/bench"
)

// Allocations are exact, so this test can fail. It is serial, because they are
// counted for the whole process.
func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	count := func(row bench.Row, peer string) float64 {
		loop := row.Peer(peer).Loop
		loop(1)
		return testing.AllocsPerRun(200, func() { loop(1) })
	}
	request := requests(t)
	for _, c := range []struct {
		row           bench.Row
		what, against string
		most          float64 // how many more than against
	}{
		{bench.Get(1), bench.Scope, bench.WithValue, 0},
		{bench.Get(256), bench.Scope, bench.WithValue, 0},
		{bench.GetUnset(64), bench.Scope, bench.WithValue, 0},
		{bench.GetBelow(10), bench.Scope, bench.WithValue, 0},
		{bench.GetUnscoped(), bench.Scope, bench.WithValue, 0},
		{bench.Set(0), bench.Scope, bench.WithValue, 0},
		{bench.Set(4), bench.Scope, bench.WithValue, 0},
		{bench.With(8), bench.Scope, bench.WithValue, -7},
		{request, unrouted, bare, 0},
		{request, unroutedInScope, bare, 0},
		{request, routed, bare, 3},
		{request, routedBelow, bare, 4}, // one of them is the joined path
	} {
		more := count(c.row, c.what) - count(c.row, c.against)
		assert.LessOrEqual(t, more, c.most, "%s: %s allocates more than %s", c.row.Name, c.what, c.against)
	}
}
