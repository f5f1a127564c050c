package bench_test

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/scopetree/scope/bench"
)

// A target is a line of the table in README.md: the most that what may cost,
// relative to against.
type target struct {
	name          string
	row           bench.Row
	what, against string
	most          float64
}

func get1(values int, most float64) target {
	return target{fmt.Sprintf("Get, oldest of %d", values), bench.Get(values), bench.Scope, bench.WithValue, most}
}

// TestRatios prints every target beside its value on this machine. It never
// fails because of a time, since times vary.
func TestRatios(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes half a minute, and times nothing under the race detector")
	}
	// The heap is so small that it would be collected every millisecond.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "what\tat most\tratio\t\tns\tagainst, ns\t")
	// These come first, while the process has no scope.
	printRatios(out,
		target{"Get, before there is any scope", bench.GetUnscoped(), bench.Scope, bench.WithValue, 1},
		target{"Key.Get, before there is any scope", bench.GetUnscoped(), "scope_Key.Get", bench.WithValue, 1},
		target{"unrouted request, before there is any scope", unscoped(t), unrouted, bare, 1.05},
	)
	ambient, request := bench.Ambient(1, 0), requests(t)
	targets := []target{
		get1(1, 1.3), get1(16, 0.20), get1(64, 0.06), get1(256, 0.015),
		{"Get of an unset key among 64", bench.GetUnset(64), bench.Scope, bench.WithValue, 0.05},
		{"Get below 10 foreign layers", bench.GetBelow(10), bench.Scope, bench.WithValue, 1.1},
		{"Get in 64 nested scopes, against Get in 1", twoDepths(), "64", "1", 1.1},
		{"Get, unscoped", bench.GetUnscoped(), bench.Scope, bench.WithValue, 1.3},
		{"Key.Get, unscoped", bench.GetUnscoped(), "scope_Key.Get", bench.WithValue, 1},
		{"Set", bench.Set(0), bench.Scope, bench.WithValue, 1.5},
		{"Set over 4", bench.Set(4), bench.Scope, bench.WithValue, 1.5},
		{"Set over 64", bench.Set(64), bench.Scope, bench.WithValue, 1.5},
		{"64 times Set", bench.SetAll(64), bench.Scope, bench.WithValue, 1.5},
		{"256 times Set", bench.SetAll(256), bench.Scope, bench.WithValue, 1.5},
		{"eight in one by hand, against 8 WithValue", bench.With(8), bench.ByHand, bench.WithValue, 0.6},
		{"With of 8", bench.With(8), bench.Scope, bench.WithValue, 0.6},
		{"unrouted request", request, unrouted, bare, 1.05},
		{"unrouted request in a scope", request, unroutedInScope, bare, 1.05},
		{"a redirect by hand, against the bare transport", request, redirects, bare, 1.30},
		{"routed request, against the redirect by hand", request, routed, redirects, 1.05},
		{"routed request", request, routed, bare, 1.30},
		{"routed request, below a path", request, routedBelow, bare, 1.30},
		{"RouteHandler against loopback", request, routeHandler, loopback, 0.75},
		{"routed over loopback, against unrouted", request, routedLoopback, loopback, 1.03},
	}
	if labels() {
		targets = append(targets,
			target{"Key.Get against routine", ambient, bench.Scope, bench.Routine, 0.5},
			target{"Key.Get against gls", ambient, bench.Scope, bench.GLS, 0.005},
			target{"Go, from an unbound goroutine", bench.Spawn(false), bench.Scope, "go", 1.15},
			target{"Go, from a bound goroutine", bench.Spawn(true), bench.Scope, "go", 1.15},
			target{"Run", bench.Run(), bench.Scope, bench.WithValue, 1},
			target{"Run, bound already", bench.Run(), "scope_nested", bench.WithValue, 1},
		)
	} else {
		targets = append(targets,
			target{"Key.Get against gls", ambient, bench.Scope, bench.GLS, 1.1},
			target{"Go against gls.Go", bench.Spawn(false), bench.Scope, bench.GLS, 0.8},
			target{"Go against gls.Go, from a bound goroutine", bench.Spawn(true), bench.Scope, bench.GLS, 0.8},
		)
	}
	printRatios(out, targets...)
	one, two := throughput(1), throughput(2)
	mark := ""
	if two/one < 1.9 {
		mark = "under"
	}
	fmt.Fprintf(out, "2 goroutines reading one scope, at least\t1.9\t%.3g\t%s\t%.2f\t%.2f\t\n", two/one, mark, 1e9/two, 1e9/one)
	out.Flush()
}

func printRatios(out io.Writer, targets ...target) {
	for _, x := range targets {
		what, against := compare(x.row.Peer(x.what), x.row.Peer(x.against))
		ratio := what / against
		mark := ""
		if ratio > x.most {
			mark = "over"
		}
		fmt.Fprintf(out, "%s\t%.4g\t%.3g\t%s\t%.1f\t%.1f\t\n", x.name, x.most, ratio, mark, what, against)
	}
}

func twoDepths() bench.Row {
	return bench.Row{Name: "GetDeep", Peers: []bench.Peer{
		{Name: "64", Loop: bench.GetDeep(64).Peer(bench.Scope).Loop},
		{Name: "1", Loop: bench.GetDeep(1).Peer(bench.Scope).Loop},
	}}
}

// compare returns the nanoseconds of a and of b, each from the best of many
// short rounds in which they take turns. Other work on the machine can only
// make a round slower. The collector mostly runs between such short rounds. Its
// cost shows in the number of allocations.
func compare(a, b bench.Peer) (nsA, nsB float64) {
	const rounds = 150
	na, nb := enough(a), enough(b)
	nsA, nsB = math.Inf(1), math.Inf(1)
	for range rounds {
		nsA = min(nsA, timed(a, na))
		nsB = min(nsB, timed(b, nb))
	}
	return nsA, nsB
}

// timed returns the nanoseconds per operation in a loop of n.
func timed(p bench.Peer, n int) float64 {
	began := time.Now()
	p.Loop(n)
	return float64(time.Since(began).Nanoseconds()) / float64(n)
}

// enough returns the n for which a loop takes a millisecond.
func enough(p bench.Peer) int {
	n := 1
	for {
		if took := timed(p, n) * float64(n); took > 1e6 {
			return n
		}
		n *= 2
	}
}

// throughput returns the reads per second of some goroutines that share one
// scope.
func throughput(goroutines int) float64 {
	row := bench.Get(16)
	loop := row.Peer(bench.Scope).Loop
	const each = 400_000
	best := 0.0
	for range 150 {
		var wg sync.WaitGroup
		began := time.Now()
		for range goroutines {
			wg.Go(func() { loop(each) })
		}
		wg.Wait()
		best = max(best, float64(goroutines*each)/time.Since(began).Seconds())
	}
	return best
}
