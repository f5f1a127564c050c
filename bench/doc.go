// Package bench compares scope with its peers: one workload a row, and every
// peer that can do it on it, in one run. README.md has the commands and what
// came out of them.
package bench

// A Row is a workload. Its name is that of the benchmark, with the parameters:
// "Get/values=64".
type Row struct {
	Name  string
	Peers []Peer
}

// A Peer is one way to do a row's work. Loop does it n times. The loop is the
// peer's own, so that no call stands between the clock and three nanoseconds.
type Peer struct {
	Name string
	Loop func(n int)
}

// Peer returns the row's peer of that name, and panics where it has none.
func (r Row) Peer(name string) Peer {
	for _, p := range r.Peers {
		if p.Name == name {
			return p
		}
	}
	panic("bench: " + r.Name + " has no peer " + name)
}

// The names that several rows share.
const (
	Scope     = "scope"
	WithValue = "context.WithValue"
	GLS       = "jtolds_gls"
	Routine   = "timandy_routine"
	StackID   = "stack_goid_syncmap"
	GoID      = "petermattis_goid_syncmap"
)

// keep makes a loop's sum matter, so that the compiler does not drop the loop.
func keep(sum int) {
	if sum < 0 {
		panic("bench: a negative sum")
	}
}

// apart calls f on a goroutine of its own and waits. routine keeps its state
// where the runtime keeps profiler labels, and not in a label set's layout: a
// goroutine that it has touched must never read labels.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}
