// Package bench compares scope with its peers. Each row is a workload, and one
// run measures every peer that can do it. README.md has the commands and the
// results.
package bench

// A Row is a workload. Its name is the name of the benchmark, with the
// parameters:
// "Get/values=64".
type Row struct {
	Name  string
	Peers []Peer
}

// A Peer is one way to do a row's work. Loop does the work n times. Each peer
// has a loop of its own, because an extra call would distort an operation of
// three nanoseconds.
type Peer struct {
	Name string
	Loop func(n int)
}

// Peer returns the row's peer with the given name, and panics if there is none.
func (r Row) Peer(name string) Peer {
	for _, p := range r.Peers {
		if p.Name == name {
			return p
		}
	}
	panic("bench: " + r.Name + " has no peer " + name)
}

// Names that several rows share.
const (
	Scope     = "scope"
	WithValue = "context.WithValue"
	GLS       = "jtolds_gls"
	Routine   = "timandy_routine"
	StackID   = "stack_goid_syncmap"
	GoID      = "petermattis_goid_syncmap"
)

// keep uses a loop's sum, so that the compiler does not drop the loop.
func keep(sum int) {
	if sum < 0 {
		panic("bench: a negative sum")
	}
}

// apart calls f on a goroutine of its own and waits. routine keeps its state in
// the place where the runtime keeps profiler labels, but in another layout. So
// a goroutine that routine has touched must never read labels.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}
