// Package carrier hangs a [Tag] on the running goroutine and finds it again.
//
// It knows nothing of keys or values: a tag has a name, for profiles, and a
// payload, which is the caller's. There are two carriers and one behaviour:
//
//   - labels: the tag rides the goroutine's profiler labels, which the runtime
//     hands to every goroutine that a goroutine starts.
//   - gls: github.com/jtolds/gls, plain Go, inherited through Go alone.
//
// The labels carrier is used when it can prove at run time that it reads what
// runtime/pprof wrote; else, and always under the build tag scope_portable,
// gls is. Nothing is proved, and no goroutine is looked at, before the first
// tag is bound.
//
// All unsafe code, all linknames and the only use of gls of this module are here.
package carrier

import (
	"context"
	"sync"
	"sync/atomic"
)

// A Carrier binds tags to goroutines. A nil *Tag is "no tag" throughout.
type Carrier interface {
	// Name is "labels" or "gls"; "none" on js/wasm, where gls does not start.
	Name() string

	// Current returns the running goroutine's tag.
	Current() *Tag

	// Run calls f(ctx) on this goroutine, bound to t. The earlier binding
	// comes back when f returns, panics or exits the goroutine.
	Run(t *Tag, ctx context.Context, f func(context.Context))

	// Go calls f(ctx) on a new goroutine, bound to t.
	Go(t *Tag, ctx context.Context, f func(context.Context))

	// Attach binds the rest of this goroutine to t; detach brings the
	// earlier binding back. ok is false where the carrier can't.
	Attach(t *Tag) (detach func(), ok bool)

	// Labels answers key for a context above parent when key is the one
	// under which runtime/pprof keeps a context's labels: with parent's
	// labels and the running goroutine's tag. So pprof.Do keeps a binding.
	Labels(parent context.Context, key any) (set any, ok bool)
}

// InUse returns the process's carrier, which it chooses at the first call.
func InUse() Carrier {
	once.Do(func() {
		chosen = choose()
		inUse.Store(true)
	})
	return chosen
}

var (
	once   sync.Once
	chosen Carrier     // guarded by once
	inUse  atomic.Bool // chosen is set: something may be bound
)

// Current returns the running goroutine's tag, nil if it has none. Until a
// carrier was asked for, nothing can be bound, and it costs one load.
func Current() *Tag {
	if !inUse.Load() {
		return nil
	}
	return current()
}

// Labels is [Carrier.Labels] of the carrier in use.
func Labels(parent context.Context, key any) (set any, ok bool) {
	if !inUse.Load() {
		return nil, false
	}
	return chosen.Labels(parent, key)
}
